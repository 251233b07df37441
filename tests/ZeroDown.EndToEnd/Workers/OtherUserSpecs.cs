using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Workers;

/// <summary><c>uid</c> and <c>gid</c>: a worker that is somebody else's process, behind a home folder that is closed to it.</summary>
public sealed class OtherUserSpecs : EndToEndTest
{
    [Fact]
    public async Task Root_starts_a_worker_as_another_user_who_can_still_say_that_it_is_ready()
    {
        OnlyRoot();
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker,
            $"cwd: /\nargs: [print-env, HOME, say-ready, serve]\nuid: nobody\nlisten: 127.0.0.1:{Port}\nwait_ready: strict\nenv: {{DOTNET_EnableDiagnostics: '0'}}"));
        (await Zd.Run("start", file)).Succeeded();
        var pid = (await PidsThatAnswer(1)).Single();
        var status = File.ReadAllLines($"/proc/{pid}/status");
        Assert.StartsWith("Uid:\t65534\t65534", status.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("env HOME=/nonexistent", (await Zd.Run("logs", "web", "--nostream", "--raw")).Succeeded().Out, StringComparison.Ordinal);

        (await Zd.Run("reload", "web")).Succeeded();
        Assert.NotEqual(pid, (await Zd.List()).Single().Pid);
    }

    [Fact]
    public async Task What_it_prints_to_dev_stdout_arrives()
    {
        OnlyRoot();
        var file = Zd.Write("ecosystem.yaml", App("job", "/bin/sh", "cwd: /\nargs: ['-c', 'id -un > /dev/stdout; exec sleep 600']\nuid: nobody"));
        (await Zd.Run("start", file)).Succeeded();
        var log = Path.Combine(Zd.Home, "logs/job-out.log");
        await Eventually.Holds(() => Task.FromResult(File.Exists(log) && File.ReadAllText(log).Contains("nobody", StringComparison.Ordinal)), "its words are there", Zd.Evidence);
    }

    [Fact]
    public async Task A_user_who_does_not_exist_is_refused_before_anything_is_touched() =>
        (await Zd.Run("start", WriteApp(options: "uid: ghost-of-zd"))).Exited(5).Says("there is no user 'ghost-of-zd'", "ecosystem.yaml:").HasNoStackTrace();

    private static void OnlyRoot() => Assert.SkipUnless(Environment.UserName == "root", "only root can become somebody else");
}
