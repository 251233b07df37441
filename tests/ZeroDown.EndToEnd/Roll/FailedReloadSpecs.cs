using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>Claim 4: a new version that is no good is stopped again, the old one serves on, and the answer says what was wrong.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class FailedReloadSpecs : EndToEndTest
{
    private string Script => Path.Combine(Zd.Folder, "worker.sh");

    [Fact]
    public Task A_version_that_exits_at_once() => OldGenerationServesThrough(
        "echo no database at db.example >&2\nexit 3", "web", "no database at db.example", "3");

    [Fact]
    public Task A_version_that_never_gets_ready() => OldGenerationServesThrough(
        $"echo waiting for godot >&2\nexec {Programs.TestWorker} never-ready", "web", "waiting for godot", "ready");

    [Fact]
    public Task A_version_that_dies_of_a_signal() => OldGenerationServesThrough("kill -SEGV $$", "web", "SIGSEGV");

    [Fact]
    public async Task A_version_whose_executable_is_missing()
    {
        var program = Path.Combine(Zd.Folder, "program");
        File.CreateSymbolicLink(program, Programs.TestWorker);
        var file = Zd.Write("ecosystem.yaml", App("web", program, $"args: [serve]\ninstances: 2\nlisten: 127.0.0.1:{Port}"));
        await UnderLoad(file, async () =>
        {
            File.Delete(program);
            (await Zd.Run("reload", "web")).Exited(7).Says("web", "program").HasNoStackTrace();
        });
        File.CreateSymbolicLink(program, Programs.TestWorker);
        (await Zd.Run("reload", "web")).Succeeded();
    }

    [Fact]
    public async Task A_version_whose_build_fails_touches_nothing()
    {
        var source = Path.Combine(Programs.Root, "samples/raw-socket");
        Zd.Write("src/RawSocket.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
            </Project>
            """);
        var good = File.ReadAllText(Path.Combine(source, "Program.cs"));
        Zd.Write("src/Program.cs", good);
        var file = Zd.Write("ecosystem.yaml", App("web", "src/RawSocket.csproj", $"instances: 2\nlisten: 127.0.0.1:{Port}\nwait_ready: true"));
        var before = await UnderLoad(file, async () =>
        {
            Zd.Write("src/Program.cs", good.Replace("static void SayReady()", "static void SayReady(", StringComparison.Ordinal));
            (await Zd.Run("reload", file)).Exited(1).Says("error CS", "Program.cs").HasNoStackTrace();
        });
        Assert.Equal(before, (await Zd.List()).Select(worker => worker.Pid));
        Zd.Write("src/Program.cs", good);
        (await Zd.Run("reload", file)).Succeeded();
        Assert.Empty(before.Intersect((await Zd.List()).Select(worker => worker.Pid)));

        await ANamedAppIsBuiltToo(good);
    }

    /// <summary>By name, by path and with -f; each of these deployed the old build.</summary>
    private async Task ANamedAppIsBuiltToo(string good)
    {
        Zd.Write("src/Program.cs", good.Replace("static void SayReady()", "static void SayReady(", StringComparison.Ordinal));
        var before = (await Zd.List()).Select(worker => worker.Pid).ToList();
        foreach (var verb in new[] { "reload", "restart" })
            (await Zd.Run(verb, "web")).Exited(1).Says("error CS", "nothing was touched").HasNoStackTrace();
        Assert.Equal(before, (await Zd.List()).Select(worker => worker.Pid));
        (await Zd.Run("reload", "web", "--no-build")).Succeeded();

        foreach (var (words, said) in new (string[], string)[] { (["reload", "web"], "first"), (["restart", "src/RawSocket.csproj"], "second"), (["start", "src/RawSocket.csproj", "-n", "web", "-f"], "third") })
        {
            Zd.Write("src/Program.cs", good.Replace("raw-socket is listening on", $"this is the {said}:", StringComparison.Ordinal));
            (await Zd.Run(words)).Succeeded();
            (await Zd.Run("logs", "web", "--nostream", "--lines", "100")).Succeeded().Says($"this is the {said}");
        }

        // -f has kept what the file said.
        Assert.Equal(2, (await Zd.List()).Count);
        Directory.Move(Path.Combine(Zd.Folder, "src"), Path.Combine(Zd.Folder, "moved"));
        (await Zd.Run("reload", "web")).Exited(1).Says("not there any more", "--no-build").HasNoStackTrace();
    }

    [Fact]
    public async Task A_changed_file_that_fails_keeps_the_old_config_too()
    {
        var file = WriteApp(options: "env: { VERSION: one }");
        var before = await UnderLoad(file, async () =>
        {
            WriteApp("exit, '4'", "env: { VERSION: two }");
            (await Zd.Run("reload", file)).Exited(7).Says("web", "4");
        });
        Assert.Equal(before, (await Zd.List()).Select(worker => worker.Pid));
        // Reloaded by name, the app is still what it was.
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.Contains("version=one", await Get(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_reload_of_all_a_failure_ends_the_run_and_names_the_apps_untouched()
    {
        WriteScript($"exec {Programs.TestWorker} serve");
        var second = Ports.Free();
        var file = Zd.Write("ecosystem.yaml",
            App("first", Script, $"listen: 127.0.0.1:{Port}")
            + App("second", Programs.TestWorker, $"args: [serve]\nlisten: 127.0.0.1:{second}").Replace("apps:\n", "", StringComparison.Ordinal));
        (await Zd.Run("start", file)).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToList();
        WriteScript("exit 5");
        (await Zd.Run("reload", "all")).Exited(7).Says("first", "second");
        Assert.Equal(before, (await Zd.List()).Select(worker => worker.Pid));
    }

    /// <summary>Makes the script of a running app bad, reloads it under load, and makes it good again.</summary>
    private async Task OldGenerationServesThrough(string badVersion, params string[] words)
    {
        WriteScript($"exec {Programs.TestWorker} serve");
        var options = $"instances: 2\nlisten: 127.0.0.1:{Port}\nkill_timeout: 1s";
        var file = Zd.Write("ecosystem.yaml", App("web", Script, options));
        // The short time is the bad version's alone.
        var impatient = Zd.Write("impatient.yaml", App("web", Script, $"{options}\nlisten_timeout: 5s"));
        var before = await UnderLoad(file, async () =>
        {
            WriteScript(badVersion);
            (await Zd.Run("reload", impatient)).Exited(7).Says(words).HasNoStackTrace();
        });
        Assert.Equal(before, (await Zd.List()).Select(worker => worker.Pid));

        WriteScript($"exec {Programs.TestWorker} serve");
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.Empty(before.Intersect((await Zd.List()).Select(worker => worker.Pid)));
    }

    /// <summary>Returns the pids that served before, and fails when a request failed or another pid answered.</summary>
    private async Task<IReadOnlyList<int>> UnderLoad(string file, Func<Task> reload)
    {
        (await Zd.Run("start", file)).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToList();
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 10, Fresh = 10, Think = TimeSpan.FromMilliseconds(10) });
        await load.WaitForRequestsAsync(200, Soon);
        await reload();
        await load.WaitForMoreAsync(200, Soon);
        var result = await load.StopAsync();
        NothingFailed(result);
        Assert.Subset(before.ToHashSet(), result.ByPid.Keys.ToHashSet());
        return before;
    }

    private void WriteScript(string text) => Zd.Write("worker.sh", $"#!/bin/bash\n{text}\n", executable: true);
}
