using System.Text;

namespace ZeroDown.Daemon.Output;

/// <summary>The last lines of a file, read from its end in one piece of bounded size.</summary>
internal static class LastLines
{
    private const int LongestLook = 256 * 1024;
    private const int MostBehind = 1024 * 1024;

    /// <param name="path">A log file; one that does not exist has no lines.</param>
    /// <param name="count">How many lines at most.</param>
    public static string[] Of(string path, int count)
    {
        if (count <= 0)
            return [];
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            var length = (int)Math.Min(file.Length, Math.Max(LongestLook, count * 512L));
            var bytes = new byte[length];
            file.Seek(-length, SeekOrigin.End);
            var read = file.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
            return Of(bytes.AsSpan(0, read), count);
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>What stands behind a position; of a great many lines the last ones. Half a line at the end is one too: its rest comes as another.</summary>
    /// <returns>The lines, where the last one ends, and how many were left out before the first.</returns>
    public static (string[] Lines, long End, long LeftOut) Behind(string path, long position)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            // A shorter file was emptied meanwhile: all of it is new.
            var begin = position > file.Length ? 0 : position;
            var leftOut = 0L;
            var buffer = new byte[(int)Math.Min(file.Length - begin, MostBehind)];
            for (file.Seek(begin, SeekOrigin.Begin); file.Length - begin > MostBehind;)
            {
                var passed = file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.Length - begin - MostBehind)));
                if (passed == 0)
                    break;
                leftOut += buffer.AsSpan(0, passed).Count((byte)'\n');
                begin += passed;
            }

            var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return (Of(buffer.AsSpan(0, read), int.MaxValue), begin + read, leftOut);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return ([], position, 0);
        }
    }

    /// <summary>0 when there is no such file.</summary>
    public static long EndOf(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>The last lines of some bytes, oldest first.</summary>
    public static string[] Of(ReadOnlySpan<byte> bytes, int count)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var lines = text.Split('\n');
        var end = lines.Length > 0 && lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        return [.. lines[Math.Max(0, end - count)..end].Select(line => line.TrimEnd('\r'))];
    }
}
