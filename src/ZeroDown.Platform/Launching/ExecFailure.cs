using System.Text;

namespace ZeroDown.Platform.Launching;

/// <summary>execve's errors name the file that was asked for even when another one is missing; this finds out which.</summary>
internal static class ExecFailure
{
    private const int LongestShebang = 256;

    internal static string Explain(string program, Errno errno) =>
        Directory.Exists(program) ? $"it is a directory ({errno.Name})"
        : errno == Errno.ENOENT && File.Exists(program) ? $"the file exists, but {MissingPart(program)} ({errno.Name})"
        : errno == Errno.EACCES && File.Exists(program) ? $"it is not executable for this user; chmod +x may help ({errno.Name})"
        : errno == Errno.ENOEXEC ? $"it is neither a program for this machine nor a script that begins with #! ({errno.Name}); add a first line such as #!/bin/sh, or set 'interpreter'"
        : errno.ToString();

    private static string MissingPart(string program)
    {
        var line = FirstLine(program);
        return line.StartsWith("#!", StringComparison.Ordinal)
            ? line.EndsWith('\r')
                ? "its first line ends with a Windows line break, which makes it name an interpreter that does not exist"
                : $"the interpreter that its first line names does not: {line[2..].Trim().Split(' ')[0]}"
            : "its dynamic loader does not; was it built for another system?";
    }

    /// <summary>Somebody else may have put a FIFO in its place by now, and an open of that would wait.</summary>
    private static string FirstLine(string program)
    {
        using var file = RegularFile.TryOpen(program);
        Span<byte> head = stackalloc byte[LongestShebang];
        var text = Encoding.UTF8.GetString(head[..(file?.ReadAt(0, head) ?? 0)]);
        var end = text.IndexOf('\n');
        return end < 0 ? text : text[..end];
    }
}
