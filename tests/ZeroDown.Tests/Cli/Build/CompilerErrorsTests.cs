using Xunit;
using ZeroDown.Cli.Build;

namespace ZeroDown.Tests.Cli.Build;

public sealed class CompilerErrorsTests
{
    [Fact]
    public void Each_error_is_shown_once_without_the_noise_around_it()
    {
        const string output = """
              Determining projects to restore...
            /srv/web/Program.cs(3,5): error CS0103: The name 'Foo' does not exist [/srv/web/web.csproj::TargetFramework=net10.0]
            /srv/web/Program.cs(1,1): warning CS0168: unused [/srv/web/web.csproj]
            /srv/web/Program.cs(3,5): error CS0103: The name 'Foo' does not exist [/srv/web/web.csproj]
            /other/Lib.cs(1,1): error CS1002: ; expected [/other/Lib.csproj]

            Build FAILED.
            """;

        Assert.Equal(
            ["web/Program.cs(3,5): error CS0103: The name 'Foo' does not exist", "/other/Lib.cs(1,1): error CS1002: ; expected"],
            CompilerErrors.In(output, "", "/srv"));
    }

    [Fact]
    public void When_there_is_no_error_line_the_last_words_are_shown() =>
        Assert.Equal(["Something about a disk"], CompilerErrors.In("", "Something about a disk\n", "/srv"));

    [Fact]
    public void Many_errors_are_counted_and_what_a_source_holds_cannot_act_on_the_terminal()
    {
        var lines = CompilerErrors.In(string.Join('\n', Enumerable.Range(0, 30).Select(n => $"a.cs({n},1): error CS1: \u001b[31m{n}")), "", "/");

        Assert.Equal(@"a.cs(0,1): error CS1: \x1b[31m0", lines[0]);
        Assert.Equal("and 10 more errors", lines[^1]);
        Assert.Equal(21, lines.Length);
    }
}
