using System.Text;

namespace ZeroDown.Daemon.Output;

/// <summary>The last lines of bytes that a worker has written.</summary>
internal static class LastLines
{
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
