using System.Globalization;

namespace ZeroDown.Platform;

/// <summary>Reading /proc, where everything may vanish between two reads: an answer is null instead of an exception.</summary>
internal static class ProcFs
{
    /// <summary>Null when the file is gone or may not be read.</summary>
    internal static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ESRCH (the process ended while we read) arrives as an IOException too.
            return null;
        }
    }

    internal static string? ReadLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Every process that is there now.</summary>
    internal static IEnumerable<int> Pids() => Numbers("/proc") ?? [];

    /// <summary>The numeric names in a folder (threads, descriptors); null when the process is gone or may not be looked into.</summary>
    internal static List<int>? Numbers(string folder)
    {
        List<int> numbers = [];
        try
        {
            foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
            {
                if (int.TryParse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    numbers.Add(number);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return numbers;
    }

    /// <summary>Descriptor number and target ("socket:[4711]", "anon_inode:[eventpoll]", a path) of all open files; null when not permitted or gone.</summary>
    internal static List<(int Fd, string Target)>? OpenFiles(int pid)
    {
        if (Numbers($"/proc/{pid}/fd") is not { } numbers)
        {
            return null;
        }

        List<(int, string)> files = [];
        foreach (var fd in numbers)
        {
            if (ReadLink($"/proc/{pid}/fd/{fd}") is { } target)
            {
                files.Add((fd, target));
            }
        }

        return files;
    }

    /// <summary>Inodes of all sockets that a process holds; null when not permitted or gone.</summary>
    internal static HashSet<long>? SocketInodes(int pid) => OpenFiles(pid)?.Select(file => SocketInode(file.Target)).Where(inode => inode != 0).ToHashSet();

    /// <summary>4711 of "socket:[4711]", else 0.</summary>
    internal static long SocketInode(string target) =>
        target.StartsWith("socket:[", StringComparison.Ordinal) && long.TryParse(target.AsSpan(8, target.Length - 9), NumberStyles.None, CultureInfo.InvariantCulture, out var inode) ? inode : 0;

    /// <summary>Its arguments with spaces between, or its short name in brackets for a kernel thread or a zombie; empty when gone.</summary>
    internal static string CommandLine(int pid)
    {
        var arguments = ReadText($"/proc/{pid}/cmdline")?.TrimEnd('\0').Replace('\0', ' ') ?? "";
        return arguments.Length > 0 ? arguments : ProcStat.Read(pid) is { } stat ? $"[{stat.Name}]" : "";
    }
}
