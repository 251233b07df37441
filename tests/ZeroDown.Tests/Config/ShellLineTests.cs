using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

public sealed class ShellLineTests
{
    [Theory]
    [InlineData("a b  c", "a|b|c")]
    [InlineData("--x='a b' \"c \\\" d\" e\\ f", "--x=a b|c \" d|e f")]
    [InlineData("'' \"\"", "|")]
    [InlineData("\"a\\nb\" 'a\\'", "a\\nb|a\\")]
    [InlineData("", null)]
    public void Words_are_split_as_a_shell_does(string line, string? words)
    {
        Assert.True(ShellLine.TrySplit(line, out var split));
        Assert.Equal(words?.Split('|') ?? [], split);
    }

    [Theory]
    [InlineData("node server.js", true)]
    [InlineData("node 'a && b'", true)]
    [InlineData("node a && b", false)]
    [InlineData("node $HOME", false)]
    [InlineData("node \"$HOME\"", false)]
    [InlineData("node *.js", false)]
    [InlineData("A=1 node", false)]
    [InlineData("cd x", false)]
    [InlineData("node a > b", false)]
    [InlineData("node \"a", false)]
    public void A_line_is_simple_when_a_shell_would_only_split_it(string line, bool simple) =>
        Assert.Equal(simple, ShellLine.IsSimple(line));

    [Theory]
    [InlineData("cd /srv && node a", "cd /srv && exec node a")]
    [InlineData("A=1 B=2 node a $X", "A=1 B=2 exec node a $X")]
    [InlineData("ulimit -n 9; node a > out 2>err", "ulimit -n 9; exec node a > out 2>err")]
    [InlineData("node a | tee log", "node a | tee log")]
    [InlineData("node a & wait", "node a & wait")]
    [InlineData("for i in 1; do node a; done", "for i in 1; do node a; done")]
    [InlineData("cd /srv && (node a)", "cd /srv && (node a)")]
    [InlineData("node '&& b' $X", "exec node '&& b' $X")]
    [InlineData("exec node $X", "exec node $X")]
    public void Exec_comes_before_the_last_command_where_it_changes_nothing_else(string line, string expected) =>
        Assert.Equal(expected, ShellLine.WithExec(line));
}
