using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Claim 7, and what <c>listen()</c> is answered where it cannot be had.</summary>
public sealed class ListenAnswersSpecs : NodeClusterTest
{
    [Fact]
    public async Task An_abstract_unix_socket_is_shared_and_rolls()
    {
        var name = $"\0zde2e-{Path.GetFileName(Zd.Folder)}";
        (await Zd.Run("start", WriteNode(Server($"'\\0{name[1..]}'")))).Succeeded();
        var before = await PidBehind(name);
        (await Zd.Run("reload", "web", "--wait-drained")).Succeeded();
        Assert.NotEqual(before, await PidBehind(name));
        (await Zd.Run("stop", "web")).Succeeded();
        await Assert.ThrowsAsync<SocketException>(() => PidBehind(name));
    }

    [Fact]
    public async Task A_relative_path_starts_at_the_apps_folder()
    {
        (await Zd.Run("start", WriteNode(Server("'./run.sock'")))).Succeeded();
        await PidBehind(Path.Combine(Zd.Folder, "run.sock"));
    }

    [Fact]
    public async Task A_version_that_listens_on_another_address_of_the_port_is_told_what_to_do_and_the_old_one_serves_on()
    {
        (await Zd.Run("start", WriteNode(Server()))).Succeeded();
        Zd.Write("web.cjs", Server($"{Port}, '0.0.0.0'"));
        (await Zd.Run("reload", "web")).Exited(7).Says($"zd itself holds port {Port} as :{Port}", $"0.0.0.0:{Port} cannot be had beside it", "zd stop APP", "EADDRINUSE");
        await PidsThatAnswer(2);
        (await Zd.Run("stop", "web")).Succeeded();
        (await Zd.Run("start", "web")).Succeeded();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task One_that_takes_a_port_for_itself_in_cluster_mode_is_told_why_there_was_a_gap()
    {
        (await Zd.Run("start", WriteNode(Server($"{{ port: {Port}, exclusive: true }}"), "instances: 1"))).Succeeded();
        await ItAnswers();
        (await Zd.Run("reload", "web")).Succeeded().Says("gap", "exclusive: true");
        await ItAnswers();
        Assert.DoesNotContain("exec_mode", (await Zd.Run("reload", "web")).Succeeded().All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_next_version_of_such_a_one_fails_it_is_said_that_the_old_one_had_to_go_and_is_back()
    {
        (await Zd.Run("start", WriteNode(Server($"{{ port: {Port}, exclusive: true }}"), "instances: 1"))).Succeeded();
        await ItAnswers();
        Zd.Write("bad.cjs", "throw new Error('no database');");
        var failed = (await Zd.Run("reload", Zd.Write("bad.yaml", App("web", "bad.cjs", "instances: 1")))).Exited(7)
            .Says("no database", "The old worker had to stop first, because it binds", "generation 1 runs again with its old config", "so there was a gap");
        Assert.DoesNotContain("serves on", failed.All, StringComparison.Ordinal);
        Assert.Contains("App web failed, generation 1 was started again", DaemonLog, StringComparison.Ordinal);
        await ItAnswers();
    }

    [Fact]
    public async Task When_its_old_version_is_gone_too_it_is_said_that_nobody_serves()
    {
        (await Zd.Run("start", WriteNode(Server($"{{ port: {Port}, exclusive: true }}"), "instances: 1\nautorestart: false"))).Succeeded();
        await ItAnswers();
        Zd.Write("web.cjs", "throw new Error('no database');");
        var failed = (await Zd.Run("reload", "web")).Exited(7).Says("no database", "No worker of generation 1 is online yet", "so there was a gap");
        Assert.DoesNotContain("serves again", failed.All, StringComparison.Ordinal);
    }

    /// <summary>Root may bind everything, so the daemon of this test is nobody's.</summary>
    [Fact]
    public async Task What_the_daemons_user_may_not_bind_is_EACCES_in_the_worker()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "needs root and setpriv");
        var file = WriteNode("""
            require('net').createServer().on('error', problem => { console.log('refused:', problem.code, problem.syscall); setInterval(() => {}, 1000); })
              .listen('/root/closed.sock');
            """, "instances: 1\nwait_ready: false");
        File.SetUnixFileMode(Zd.Folder, (UnixFileMode)0x1ff);
        Directory.CreateDirectory(Zd.Home);
        File.SetUnixFileMode(Zd.Home, (UnixFileMode)0x1ff);
        using (var owner = Process.Start("chown", ["65534:65534", Zd.Home]))
            await owner.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(await AsNobody("--version") == 0, "the program under test is not open to everybody");
        Assert.Equal(0, await AsNobody("start", file));
        await EventuallyPrints("refused: EACCES bind");
        Assert.Equal(0, await AsNobody("kill"));
    }

    private async Task<int> AsNobody(params string[] words)
    {
        var start = new ProcessStartInfo("/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Programs.Zd, .. words]) { WorkingDirectory = Zd.Folder };
        (start.Environment["ZD_HOME"], start.Environment["HOME"]) = (Zd.Home, Zd.Folder);
        using var command = Process.Start(start)!;
        await command.WaitForExitAsync(TestContext.Current.CancellationToken);
        return command.ExitCode;
    }

    private static async Task<string> PidBehind(string path)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
        await client.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var answer = new StreamReader(new NetworkStream(client));
        var text = await answer.ReadToEndAsync(TestContext.Current.CancellationToken);
        return text[text.IndexOf("pid=", StringComparison.Ordinal)..].Split(' ')[0];
    }
}
