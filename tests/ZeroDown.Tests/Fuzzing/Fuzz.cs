using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace ZeroDown.Tests.Fuzzing;

/// <summary>
/// Many tries with dice that are thrown from a number each: the same ones in every run of the gate. <c>ZD_SEED=N</c> begins at another number, <c>ZD_SOAK=1</c> goes on for an hour.
/// </summary>
internal static class Fuzz
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly bool Soak = Environment.GetEnvironmentVariable("ZD_SOAK") == "1";
    private static readonly int First = int.Parse(Environment.GetEnvironmentVariable("ZD_SEED") ?? "1", CultureInfo.InvariantCulture);

    /// <param name="tries">In the gate.</param>
    /// <param name="attempt">One try; what it throws is the find.</param>
    internal static void Run(int tries, Action<Random> attempt)
    {
        var clock = Stopwatch.StartNew();
        for (var number = 0; Soak ? clock.Elapsed < Long : number < tries; number++)
        {
            var seed = First + number;
            try
            {
                attempt(new Random(seed));
            }
            catch (Exception found)
            {
                Assert.Fail($"ZD_SEED={seed}: {found}");
            }
        }
    }

    /// <summary>The bytes with a few things wrong: bits, lengths, pieces that are missing, doubled or of another.</summary>
    internal static byte[] Spoil(Random dice, byte[] good, byte[]? other = null)
    {
        var bytes = good.ToArray();
        for (var change = dice.Next(1, 5); change > 0 && bytes.Length > 0; change--)
        {
            var (at, length) = (dice.Next(bytes.Length), dice.Next(1, 40));
            var end = Math.Min(bytes.Length, at + length);
            switch (dice.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << dice.Next(8));
                    break;
                case 1:
                    bytes = bytes[..at];
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. bytes[at..end], .. bytes[at..]];
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. bytes[end..]];
                    break;
                case 4:
                    bytes.AsSpan(at..end).Fill((byte)dice.Next(256));
                    break;
                case 5 when bytes.Length - at >= sizeof(int):
                    // A length or a count, as far as the wire can say it.
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), dice.Next(3) switch { 0 => int.MaxValue, 1 => -1, _ => dice.Next() });
                    break;
                default:
                    bytes = [.. bytes[..at], .. (other ?? good)[..Math.Min(end - at, (other ?? good).Length)], .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }
}
