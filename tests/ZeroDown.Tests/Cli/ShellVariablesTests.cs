using Xunit;
using ZeroDown.Cli.Views;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>Issue 10, C13: what root's shell gives to workers of other users is said, by name and never by value.</summary>
public sealed class ShellVariablesTests
{
    [Fact]
    public void An_app_of_another_user_is_told_of_with_secrets_first_and_without_values()
    {
        var said = ShellVariables.Said(App("bob"), "root")!;
        Assert.StartsWith("6 of the shell that started it, which bob can read: AWS_SECRET_ACCESS_KEY, DB_PASSWORD, ", said, StringComparison.Ordinal);
        Assert.Contains("filter_env: true", said, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", said, StringComparison.Ordinal);
        Assert.DoesNotContain("PORT", said, StringComparison.Ordinal);
        Assert.DoesNotContain("PATH", said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_app_of_one_s_own_and_one_that_gets_nothing_are_not()
    {
        Assert.Null(ShellVariables.Said(App(null), "root"));
        Assert.Null(ShellVariables.Said(App("root"), "root"));
        var filtered = App("bob");
        filtered.Environment = new() { ["PORT"] = "1", ["PATH"] = "/bin", ["LC_ALL"] = "C" };
        Assert.Null(ShellVariables.Said(filtered, "root"));
    }

    private static AppDefinition App(string? user) => new()
    {
        Name = "web",
        Script = "/srv/web.js",
        Program = "node",
        WorkingDirectory = "/srv",
        RunAs = user is null ? null : new RunAsDefinition { Name = user, UserId = 1001, GroupId = 1001 },
        DeclaredVariables = ["PORT"],
        Environment = new()
        {
            ["PATH"] = "/bin",
            ["HOME"] = "/root",
            ["LC_ALL"] = "C",
            ["PORT"] = "1",
            ["AWS_SECRET_ACCESS_KEY"] = "hunter2",
            ["DB_PASSWORD"] = "hunter2",
            ["A"] = "1",
            ["B"] = "2",
            ["C"] = "3",
            ["D"] = "4",
        },
    };
}
