using Xunit;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Tests.Daemon;

/// <summary>What the record keeps of a worker's last lines.</summary>
public class LastWordsTests
{
    [Fact]
    public void Stack_frames_and_empty_lines_are_left_out() =>
        Assert.Equal(["Error: no database", "}"], LastWords.Of(["Error: no database", "    at connect (db.js:3:1)", "\tat main()", "", "}"]));

    [Fact]
    public void Lines_are_few_and_short()
    {
        var words = LastWords.Of(Enumerable.Range(0, 100).Select(number => $"{number} {new string('x', 10_000)}"));
        Assert.Equal(LastWords.MostLines, words.Count);
        Assert.StartsWith("99 x", words[^1], StringComparison.Ordinal);
        Assert.All(words, line => Assert.InRange(line.Length, 1, LastWords.MostLetters + 1));
    }

    [Fact]
    public void Control_characters_are_left_out_and_no_letter_is_cut_in_half()
    {
        Assert.Equal(["[31mred\t!"], LastWords.Of(["\u001b[31mred\t!\u0007\r"]));
        var line = Assert.Single(LastWords.Of([new string('x', LastWords.MostLetters - 1) + "😀😀"]));
        Assert.Equal(new string('x', LastWords.MostLetters - 1) + "…", line);
    }
}
