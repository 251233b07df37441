using System.Buffers;
using System.Globalization;
using System.Text;

namespace ZeroDown.Platform;

/// <summary>Reading /proc, where everything may vanish between two reads: an answer is null instead of an exception.</summary>
internal static class ProcFs
{
    /// <summary>More files than that are looked at in no process: the kernel's customary limit for one that asks for many.</summary>
    private const int MostFiles = 65536;

    /// <summary>Null when the file is gone or may not be read.</summary>
    /// <remarks>Bare calls instead of File.ReadAllText: a look at all processes reads hundreds of these, and .NET adds five calls and, for each that vanished, an exception.</remarks>
    internal static unsafe string? ReadText(string path)
    {
        using var file = FdHandle.TryOpen(path, Constants.O_RDONLY);
        if (file is null)
        {
            return null;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            for (var length = 0; ;)
            {
                nint count;
                fixed (byte* at = buffer)
                {
                    count = Interop.Read(file, at + length, buffer.Length - length);
                }

                // ESRCH: the process ended between open and read.
                if (count < 0 && Errno.Last != Errno.EINTR)
                {
                    return null;
                }

                if (count == 0)
                {
                    return Encoding.UTF8.GetString(buffer, 0, length);
                }

                length += (int)Math.Max(0, count);
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The lines that are not empty, one by one: the list of sockets of a busy server has megabytes. None when the file is gone or may not be read.</summary>
    internal static IEnumerable<string> ReadLines(string path)
    {
        using var file = FdHandle.TryOpen(path, Constants.O_RDONLY);
        if (file is null)
        {
            yield break;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            var kept = 0;
            while (FdBytes.Read(file, buffer.AsSpan(kept)) is > 0 and var count)
            {
                var (begin, length) = (0, kept + count);
                for (int end; (end = Array.IndexOf(buffer, (byte)'\n', begin, length - begin)) >= 0; begin = end + 1)
                {
                    if (end > begin)
                    {
                        yield return Encoding.UTF8.GetString(buffer, begin, end - begin);
                    }
                }

                kept = length - begin;
                buffer.AsSpan(begin, kept).CopyTo(buffer);
            }

            if (kept > 0)
            {
                yield return Encoding.UTF8.GetString(buffer, 0, kept);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The first bytes of a file that may be as long as a process likes; null when it is gone or may not be read.</summary>
    internal static string? ReadStart(string path, int most)
    {
        using var file = FdHandle.TryOpen(path, Constants.O_RDONLY);
        if (file is null)
        {
            return null;
        }

        var buffer = new byte[most];
        var read = FdBytes.Read(file, buffer);
        return read < 0 ? null : Encoding.UTF8.GetString(buffer, 0, read);
    }

    /// <summary>What a symbolic link says; null when it is gone or may not be read.</summary>
    internal static unsafe string? ReadLink(string path)
    {
        const int longest = 4096;
        var target = stackalloc byte[longest];
        var length = Interop.ReadLink(path, target, longest);
        return length < 0 ? null : Encoding.UTF8.GetString(target, (int)length);
    }

    /// <summary>Every process that is there now.</summary>
    internal static IEnumerable<int> Pids() => Numbers("/proc") ?? [];

    /// <summary>The numeric names in a folder (threads, descriptors); null when the process is gone or may not be looked into.</summary>
    /// <param name="folder">Below /proc.</param>
    /// <param name="most">How many at most: a process may have as many as it likes.</param>
    internal static List<int>? Numbers(string folder, int most = int.MaxValue)
    {
        List<int> numbers = [];
        try
        {
            foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
            {
                if (int.TryParse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    if (numbers.Count == most)
                    {
                        break;
                    }

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
        if (Numbers($"/proc/{pid}/fd", MostFiles) is not { } numbers)
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
