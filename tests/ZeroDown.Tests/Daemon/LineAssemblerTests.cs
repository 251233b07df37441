using System.Text;
using CsCheck;
using Xunit;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Tests.Daemon;

public sealed class LineAssemblerTests
{
    [Fact]
    public void Lines_are_the_same_wherever_the_bytes_are_cut() =>
        Gen.Select(Gen.String[Gen.Char["ab\ncä€"], 0, 60], Gen.Int[1, 7]).Sample((text, size) =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var assembler = new LineAssembler();
            var lines = bytes.Chunk(size).SelectMany(piece => assembler.Take(piece)).ToList();
            if (assembler.Rest() is { } rest)
                lines.Add(rest);
            var expected = text.Split('\n').ToList();
            if (expected[^1].Length == 0)
                expected.RemoveAt(expected.Count - 1);
            return expected.SequenceEqual(lines);
        });

    [Fact]
    public void A_line_without_end_is_cut_instead_of_kept_for_ever()
    {
        var lines = new LineAssembler().Take(new byte[200 * 1024]);
        Assert.Equal(3, lines.Count);
        Assert.All(lines, line => Assert.Equal(64 * 1024, line.Length));
    }
}
