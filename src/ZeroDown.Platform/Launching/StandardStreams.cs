namespace ZeroDown.Platform.Launching;

/// <summary>stdin, stdout and stderr as they were inherited, for a child that is to have them in our place.</summary>
/// <remarks>
/// Who starts us may have closed one (<c>zd run &gt;&amp;-</c>). Then its number went to the next file that was opened, ours or the runtime's, and a child that took it for
/// its stdout would write its words into that file. What we opened is close-on-exec, what was inherited never is: so the two can be told apart.
/// </remarks>
internal static class StandardStreams
{
    /// <summary>Ours as long as we live; never closed.</summary>
    private static readonly FdHandle[] Numbers = [new(0), new(1), new(2)];

    /// <summary>By number; <paramref name="nothing"/> for one that was closed.</summary>
    internal static IReadOnlyList<(FdHandle Source, int Number)> Inherited(FdHandle nothing) =>
        [.. Numbers.Select((handle, number) => (IsInherited(handle) ? handle : nothing, number))];

    private static bool IsInherited(FdHandle handle)
    {
        var flags = Interop.Fcntl(handle, Constants.F_GETFD, 0);
        return flags >= 0 && (flags & Constants.FD_CLOEXEC) == 0;
    }
}
