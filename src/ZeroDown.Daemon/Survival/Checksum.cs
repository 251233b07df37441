using System.Buffers;
using System.IO.Hashing;
using System.Text;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// The last property of a file that was written whole, <c>"checksum"</c>, over everything in front of it. A flipped bit in a number or a path makes another definition of it that is good
/// JSON; this tells it from what was written. It guards against accidents: the home is closed to everybody who could mean harm.
/// </summary>
internal static class Checksum
{
    private const int HashBytes = 16;

    private static readonly byte[] Before = [.. ",\"checksum\":\""u8];
    private static readonly byte[] After = [.. "\"}"u8];

    /// <summary>Puts it into a JSON object that has been written.</summary>
    public static void Seal(ByteBuffer text)
    {
        var body = text.Written[..^1]; // without the brace
        var sum = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(XxHash128.Hash(body)));
        text.Cut(body.Length);
        text.Write(Before);
        text.Write(sum);
        text.Write(After);
    }

    /// <summary>Looks whether the text is what was written. One without a checksum is from an older zd, or somebody who edited it has taken it out, and counts as good.</summary>
    /// <exception cref="UnreadableStateException">It is not.</exception>
    public static void Check(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd("\n"u8);
        var body = text.Length - Before.Length - (2 * HashBytes) - After.Length;
        if (body <= 0 || !text[body..].StartsWith(Before) || !text.EndsWith(After))
        {
            if (text.IndexOf(Before) >= 0)
                throw new UnreadableStateException("the text is damaged: something stands behind its checksum");
            return;
        }

        var sum = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(XxHash128.Hash(text[..body])));
        if (!text[(body + Before.Length)..^After.Length].SequenceEqual(sum))
            throw new UnreadableStateException("it is not what zd has written: its checksum does not fit. Was it edited? Without its last property, \"checksum\", it is taken as it is");
    }
}
