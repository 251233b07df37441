using System.Text.Json;
using Xunit;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>A word that is the name of an app and a program that can be run here: <c>zd start npm -- start</c> in a second folder.</summary>
public class NameOrScriptTests
{
    private const string Elsewhere = "/usr";

    [Theory]
    [InlineData("env", "start", Elsewhere, "env -- start")]
    [InlineData("env", "start", Elsewhere, "env -i 2 -- start")]
    [InlineData("env", "start", Elsewhere, "env -f -- start")]
    [InlineData("env", "start", Elsewhere, "env -i 2")]
    [InlineData("sort", "x", Elsewhere, "sort -- y")]
    [InlineData("server", "", Elsewhere, "server -- --port 3000")]
    [InlineData("server", "", Elsewhere, "./server")]
    [InlineData("server", "", Elsewhere, "./server --name server -i 2")]
    public async Task A_script_of_another_folder_is_not_taken_for_the_app_of_its_name(string name, string arguments, string folder, string typed)
    {
        foreach (var status in (string[])["online", "stopped", "errored"])
        {
            await using var command = Known(name, name == "server" ? $"{folder}/server" : name, arguments, folder, status);
            command.Write("server", "#!/bin/sh\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Path.Combine(command.Folder, "server"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
            Assert.Equal(1, await command.Run(["start", .. typed.Split(' ')]));
            Assert.Contains(status == "online" ? $"'{name}' runs already, " : $"'{name}' exists already and is stopped, ", command.Error, StringComparison.Ordinal);
            Assert.Contains($"zd start {typed.Split(' ')[0]} --name {name}-work", command.Error, StringComparison.Ordinal);
            Assert.Contains(status == "online" ? $"zd reload {name}\n" : $"zd restart {name}\n", command.Error, StringComparison.Ordinal);
            Assert.Empty(command.Asked);
        }
    }

    [Theory]
    [InlineData("env -- other words", "with other arguments (start)")]
    [InlineData("env --name env -- other words", "with other arguments (start)")]
    public async Task The_same_program_with_other_arguments_is_another_one(string typed, string says)
    {
        foreach (var status in (string[])["online", "stopped"])
        {
            await using var command = Known("env", "env", "start", null, status);
            Assert.Equal(1, await command.Run(["start", .. typed.Split(' ')]));
            Assert.Contains(says, command.Error, StringComparison.Ordinal);
            Assert.Contains($"zd {(status == "online" ? "reload" : "restart")} env -- other words", command.Error, StringComparison.Ordinal);
            Assert.Empty(command.Asked);
        }
    }

    [Theory]
    [InlineData("env")]
    [InlineData("env --update-env")]
    [InlineData("7 -i 2")]
    public async Task A_name_alone_means_the_app_wherever_it_is_typed(string typed)
    {
        await using var command = Known("env", "env", "start", Elsewhere, "stopped");
        Assert.Equal((0, ""), (await command.Run(["start", .. typed.Split(' ')]), command.Error));
        using var asked = Request(command);
        Assert.Equal(typed.Split(' ')[0], Assert.Single(asked.RootElement.GetProperty("targets").EnumerateArray()).GetString());
    }

    [Theory]
    [InlineData("env -- start")]
    [InlineData("env -i 2")]
    [InlineData("env -f -- other words")]
    public async Task In_its_own_folder_the_same_script_means_the_app(string typed)
    {
        await using var command = Known("env", "env", "start", null, "online");
        Assert.Equal((0, ""), (await command.Run(["start", .. typed.Split(' ')]), command.Error));
        using var asked = Request(command);
        Assert.Equal("env", Assert.Single(asked.RootElement.GetProperty("targets").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task A_name_that_is_no_script_here_means_the_app_also_with_arguments()
    {
        await using var command = Known("api", "/bin/sh", "old", Elsewhere, "online");
        Directory.CreateDirectory(Path.Combine(command.Folder, "api"));
        Assert.Equal((0, ""), (await command.Run("start", "api", "-i", "2", "--", "new"), command.Error));
    }

    [Fact]
    public async Task Under_another_name_it_is_a_script()
    {
        await using var command = Known("env", "env", "start", Elsewhere, "online");
        Assert.Equal((0, ""), (await command.Run("start", "env", "--name", "second", "--", "start"), command.Error));
        using var asked = Request(command);
        var app = Assert.Single(asked.RootElement.GetProperty("apps").EnumerateArray());
        Assert.Equal(("second", command.Folder), (app.GetProperty("name").GetString(), app.GetProperty("workingDirectory").GetString()));
    }

    [Fact]
    public async Task Under_the_other_name_of_a_known_app_it_is_refused_too()
    {
        await using var command = Known("web", "env", "start", Elsewhere, "stopped");
        Assert.Equal(1, await command.Run("start", "env", "--name", "web", "--", "start"));
        Assert.Contains($"in another folder ({Elsewhere})", command.Error, StringComparison.Ordinal);
        Assert.Empty(command.Asked);
    }

    private static TypedCommand Known(string name, string script, string arguments, string? folder, string status)
    {
        var command = new TypedCommand();
        var app = RecordingDaemon.Running(name, 7, 1);
        string[] words = arguments.Length == 0 ? [] : arguments.Split(' ');
        app = app with
        {
            Definition = new AppDefinition
            {
                Name = name,
                Namespace = "default",
                Script = script,
                Program = script.Contains('/') ? script : $"/usr/bin/{script}",
                WorkingDirectory = folder ?? command.Folder,
                ScriptArguments = words,
                Arguments = words,
            },
            Slots = [app.Slots[0] with { Status = status, Worker = status == "online" ? app.Slots[0].Worker : null }],
        };
        command.Daemon.Fleet.Apps = [.. command.Daemon.Fleet.Apps, app];
        return command;
    }

    private static JsonDocument Request(TypedCommand command)
    {
        var asked = Assert.Single(command.Asked);
        return JsonDocument.Parse(asked[(asked.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    }
}
