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

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("")]
    public void A_line_may_be_exactly_as_long_as_the_limit(string lineEnd)
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)'a', 10_000), .. System.Text.Encoding.ASCII.GetBytes(lineEnd)];
        Gen.Int[1, 12_000].Array[1, 20].Sample(cuts =>
        {
            var reader = new LineReader(new ChoppedStream(bytes, cuts), 10_000);
            Assert.Equal(10_000, Next(reader)!.Length);
            Assert.Null(Next(reader));
        });
    }

    [Fact]
    public void Of_a_line_over_the_limit_no_more_is_taken_than_the_limit()
    {
        using var stream = new MemoryStream(new byte[1_000_000]);
        var reader = new LineReader(stream, 10_000);

        Assert.Throws<LineTooLongException>(() => Next(reader));
        Assert.InRange(stream.Position, 10_001, 10_002);
    }

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
