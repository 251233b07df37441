using System.Globalization;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Config;

/// <summary><c>zd import pm2</c>, with a pm2 that is a script.</summary>
public sealed class ImportSpecs : EndToEndTest
{
    public ImportSpecs()
    {
        Zd.Environment["PM2_HOME"] = Path.Combine(Zd.Folder, "pm2");
        Zd.Environment["PATH"] = $"{Zd.Folder}/bin:/usr/local/bin:/usr/bin:/bin";
    }

    [Fact]
    public async Task What_pm2_has_saved_starts_as_it_is()
    {
        Zd.Write("pm2/dump.pm2", $"[{Record("web", 0)},{Record("web", 1)}]");
        var imported = (await Zd.Run("import", "pm2", "-o", "gone/ecosystem.yaml")).Exited(1).Says("cannot be written").HasNoStackTrace();
        Assert.Empty(imported.Out);

        imported = (await Zd.Run("import", "pm2", "-o", "ecosystem.yaml")).Succeeded().Says("1 app", "DB_PASSWORD looks like a secret");
        Assert.Empty(imported.Out);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(Path.Combine(Zd.Folder, "ecosystem.yaml")));
        Assert.Empty(ProcessTable.OfHome(Zd.Home));

        (await Zd.Run("start")).Succeeded();
        Assert.Equal(["web online", "web online"], (await Zd.List()).Select(worker => $"{worker.Name} {worker.Status}"));

        (await Zd.Run("import", "pm2", "-o", "ecosystem.yaml")).Exited(1).Says("exists", "--force");
        (await Zd.Run("import", "pm2", "-o", "ecosystem.yaml", "--force")).Succeeded();
    }

    [Fact]
    public async Task A_running_pm2_is_asked_and_only_a_running_one()
    {
        Zd.Write("bin/pm2", $"#!/bin/sh\necho \"$@\" >> {Zd.Folder}/asked\necho '[PM2] Spawning PM2 daemon'\necho '[{{\"pm2_env\": {Record("running", 0)}}}]'\n", executable: true);
        Zd.Write("pm2/dump.pm2", $"[{Record("saved", 0)}]");
        Zd.Write("pm2/pm2.pid", "4194305");
        var asleep = (await Zd.Run("import", "pm2")).Succeeded();
        Assert.Contains("- name: saved", asleep.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Zd.Folder, "asked")), "pm2 would have started a daemon");

        Zd.Write("pm2/pm2.pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var awake = (await Zd.Run("import", "pm2")).Succeeded();
        Assert.Equal("jlist\n", await File.ReadAllTextAsync(Path.Combine(Zd.Folder, "asked"), TestContext.Current.CancellationToken));
        Assert.Contains("- name: running", awake.Out, StringComparison.Ordinal);
        Assert.Contains("# only in dump.pm2", awake.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_dump_gives_way_to_the_one_before_it()
    {
        Zd.Write("pm2/dump.pm2", "[{\"name\": \"we");
        Zd.Write("pm2/dump.pm2.bak", $"[{Record("before", 0)}]");
        var imported = (await Zd.Run("import", "pm2")).Succeeded().Says("dump.pm2 is not what pm2 writes");
        Assert.Contains("- name: before", imported.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_to_import_is_said()
    {
        (await Zd.Run("import", "pm2")).Exited(1).Says("no pm2 runs in", "PM2_HOME").HasNoStackTrace();
        (await Zd.Run("import", "forever")).Exited(2).HasNoStackTrace();
        Zd.Write("pm2/dump.pm2", "[]");
        (await Zd.Run("import", "pm2")).Exited(1).Says("no app that could be carried over").HasNoStackTrace();
    }

    private string Record(string name, int instance) => $$"""
        {"name": "{{name}}", "pm_exec_path": "{{Programs.TestWorker}}", "pm_cwd": "{{Zd.Folder}}", "exec_interpreter": "none", "exec_mode": "fork_mode", "args": ["hang"], "status": "online",
         "pm_out_log_path": "{{Zd.Folder}}/pm2/logs/{{name}}-out-{{instance}}.log", "env": {"DB_PASSWORD": "x", "NODE_APP_INSTANCE": {{instance}} } }
        """.ReplaceLineEndings(" ");
}
