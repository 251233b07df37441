using System.Text;

namespace ZeroDown.Daemon.Output;

/// <summary>The last lines of a file, read from its end in one piece of bounded size.</summary>
internal static class LastLines
{
    private const int LongestLook = 256 * 1024;

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

    /// <summary>The last lines of some bytes, oldest first.</summary>
    public static string[] Of(ReadOnlySpan<byte> bytes, int count)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var lines = text.Split('\n');
        var end = lines.Length > 0 && lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        return [.. lines[Math.Max(0, end - count)..end].Select(line => line.TrimEnd('\r'))];
    }
}
