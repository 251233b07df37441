using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

/// <summary>The same command in a second folder is another program, though it has the same name.</summary>
public sealed class SecondFolderSpecs : EndToEndTest
{
    [Fact]
    public async Task Npm_start_of_a_second_folder_is_not_taken_for_the_app_of_the_first()
    {
        Assert.SkipUnless(Tool.Run("npm", "--version") == 0, "npm is not installed");
        await IsToldApart("package.json", """{ "name": "x", "scripts": { "start": "exec sleep 1000" } }""", executable: false, "npm", "--", "start");
    }

    [Fact]
    public Task A_program_of_PATH_in_a_second_folder_is_not_taken_for_the_app_of_the_first() =>
        IsToldApart("run.sh", "exec sleep 1000", executable: false, "sh", "--", "run.sh");

    [Fact]
    public Task A_file_of_the_same_name_in_a_second_folder_is_not_taken_for_the_app_of_the_first() =>
        IsToldApart("server", "#!/bin/sh\nexec sleep 1000\n", executable: true, "./server");

    [Fact]
    public Task Nor_is_it_when_its_name_is_typed_without_the_path() =>
        IsToldApart("server", "#!/bin/sh\nexec sleep 1000\n", executable: true, "server", "--", "--port", "3000");

    private async Task IsToldApart(string file, string text, bool executable, params string[] typed)
    {
        var (first, second) = (Path.Combine(Zd.Folder, "first"), Path.Combine(Zd.Folder, "second"));
        Zd.Write($"first/{file}", text, executable);
        Zd.Write($"second/{file}", text, executable);
        var name = Path.GetFileName(typed[0]);
        (await Zd.RunIn(first, ["start", .. typed])).Succeeded();
        var before = await Zd.List();

        var beside = $"zd start {typed[0]} --name {name}-second";
        (await Zd.RunIn(second, ["start", .. typed])).Exited(1).Says($"'{name}' runs already", beside, $"zd reload {name}").HasNoStackTrace();
        Assert.Equal(before, await Zd.List());
        (await Zd.Run("stop", name)).Succeeded();
        (await Zd.RunIn(second, ["start", .. typed])).Exited(1).Says($"'{name}' exists already and is stopped", $"zd restart {name}");
        Assert.Equal("stopped", Assert.Single(await Zd.List()).Status);

        (await Zd.RunIn(second, ["start", typed[0], "--name", $"{name}-second", .. typed[1..]])).Succeeded();
        (await Zd.RunIn(second, ["start", name])).Succeeded();
        Assert.All(await Zd.List(), row => Assert.Equal("online", row.Status));
        (await Zd.Run("describe", name)).Succeeded().Says(first);
        (await Zd.Run("describe", $"{name}-second")).Succeeded().Says(second);
    }
}
