using CsCheck;
using Xunit;
using ZeroDown.Protocol.Wire;

namespace ZeroDown.Tests.Protocol;

public sealed class LineReaderTests
{
    private static readonly Gen<byte[]> Line = Gen.Byte.Where(b => b is not (byte)'\n' and not (byte)'\r').Array[1, 300];

    private static readonly Gen<int[]> Cuts = Gen.Int[1, 700].Array[1, 20];

    [Fact]
    public void Lines_come_back_whole_however_the_bytes_arrive() =>
        Gen.Select(Line.Array[0, 30], Cuts, Gen.Bool).Sample((lines, cuts, lastLineEnds) =>
        {
            var bytes = lines.SelectMany((line, i) => i == lines.Length - 1 && !lastLineEnds ? line : [.. line, (byte)'\n']).ToArray();
            var reader = new LineReader(new ChoppedStream(bytes, cuts), 1024);

            var read = new List<byte[]>();
            while (Next(reader) is { } line)
                read.Add(line);

            Assert.Equal(lines, read);
        });

    [Fact]
    public void A_line_over_the_limit_is_refused_however_the_bytes_arrive() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[257, 100_000], Cuts).Sample((shortLines, length, cuts) =>
        {
            byte[] bytes = [.. Enumerable.Repeat((byte[])[(byte)'a', (byte)'\n'], shortLines).SelectMany(line => line), .. new byte[length]];
            var reader = new LineReader(new ChoppedStream(bytes, cuts), 256);

            for (var i = 0; i < shortLines; i++)
                Assert.NotNull(Next(reader));
            Assert.Throws<LineTooLongException>(() => Next(reader));
        });

    [Fact]
    public void Blank_lines_and_carriage_returns_mean_nothing()
    {
        var reader = new LineReader(new MemoryStream("\n\r\na\r\n\n\nb\n\n"u8.ToArray()), 256);

        Assert.Equal("a"u8.ToArray(), Next(reader));
        Assert.Equal("b"u8.ToArray(), Next(reader));
        Assert.Null(Next(reader));
    }

    private static byte[]? Next(LineReader reader)
    {
        var next = reader.ReadAsync(CancellationToken.None).AsTask();
        Assert.True(next.IsCompleted);
        return next.GetAwaiter().GetResult()?.ToArray();
    }

    /// <summary>Gives its bytes in pieces of the given sizes, round and round.</summary>
    private sealed class ChoppedStream(byte[] bytes, int[] sizes) : MemoryStream(bytes)
    {
        private int _piece;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var size = sizes[_piece++ % sizes.Length];
            return ValueTask.FromResult(Read(buffer.Span[..Math.Min(size, buffer.Length)]));
        }
    }
}
