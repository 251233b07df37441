namespace ZeroDown.Platform.Launching;

/// <summary>stdin, stdout and stderr as they were inherited, for a child that is to have them in our place.</summary>
/// <remarks>
/// Who starts us may have closed one (<c>zd run &gt;&amp;-</c>). Then its number went to the next file that was opened, ours or the runtime's, and a child that took it for
/// its stdout would write its words into that file. What we opened is close-on-exec, what was inherited never is: so the two can be told apart.
/// </remarks>
public static class StandardStreams
{
    /// <summary>Ours as long as we live; never closed.</summary>
    private static readonly FdHandle[] Numbers = [new(0), new(1), new(2)];

    private static readonly bool[] Closed = new bool[Numbers.Length];

    public static StandardStream In => StreamOf(0);

    public static StandardStream Out => StreamOf(1);

    public static StandardStream Error => StreamOf(2);

    /// <summary>Puts <c>/dev/null</c> where one was closed, before anything else gets its number. Remembers which were closed.</summary>
    public static void FillClosed()
    {
        for (var number = 0; number < Numbers.Length; number++)
        {
            var handle = Numbers[number];
            Closed[number] = !IsInherited(handle);
            if (Interop.Fcntl(handle, Constants.F_GETFD, 0) < 0)
            {
                // The lowest free number is taken, so it is this one. Not close-on-exec, as if it had been inherited.
                _ = Interop.Open("/dev/null", Constants.O_RDWR, 0);
            }
        }
    }

    /// <summary>By number; <paramref name="nothing"/> for one that was closed.</summary>
    internal static IReadOnlyList<(FdHandle Source, int Number)> Inherited(FdHandle nothing) =>
        [.. Numbers.Select((handle, number) => (IsInherited(handle) ? handle : nothing, number))];

    private static StandardStream StreamOf(int number) => new(Closed[number] ? null : Numbers[number]);

    private static bool IsInherited(FdHandle handle)
    {
        var flags = Interop.Fcntl(handle, Constants.F_GETFD, 0);
        return flags >= 0 && (flags & Constants.FD_CLOEXEC) == 0;
    }
}
