using System.Net.Sockets;
using System.Text;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadInput;

/// <summary>What users and strangers can do to a daemon and its home.</summary>
public sealed class DaemonSpecs : EndToEndTest
{
    [Fact]
    public async Task An_unknown_target_is_exit_1_with_the_nearest_match()
    {
        (await Zd.Run("start", WriteApp(name: "frontend"))).Succeeded();
        foreach (var verb in new[] { "reload", "restart", "stop", "delete", "describe", "logs" })
            (await Zd.Run(verb, "fronted")).Exited(1).Says("fronted", "frontend").HasNoStackTrace();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task A_stopped_app_is_no_riddle_for_reload()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        (await Zd.Run("reload", "web")).Exited(1).Says("web is stopped", "zd start web").HasNoStackTrace();
    }

    [Fact]
    public async Task Without_a_daemon_the_verbs_say_so()
    {
        foreach (var verb in new[] { "reload", "stop", "restart", "delete" })
            (await Zd.Run(verb, "web")).Exited(6).HasNoStackTrace();
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task A_home_that_cannot_be_made_is_named()
    {
        var file = Zd.Write("a-file", "");
        Zd.Environment["ZD_HOME"] = Path.Combine(file, "home");
        (await Zd.Run("start", WriteApp())).Exited(6).Says("a-file").HasNoStackTrace();
    }

    [Fact]
    public async Task A_home_that_is_a_file_is_named()
    {
        Zd.Environment["ZD_HOME"] = Zd.Write("a-file", "");
        (await Zd.Run("start", WriteApp())).Exited(6).Says("a-file", "ZD_HOME").HasNoStackTrace();
        (await Zd.Run("stop", "web")).Exited(6).Says("a-file").HasNoStackTrace();
        (await Zd.Run("list")).Succeeded().HasNoStackTrace();
    }

    [Fact]
    public async Task A_home_whose_pipe_path_is_too_long_is_refused_with_the_limit()
    {
        Zd.Environment["ZD_HOME"] = Path.Combine(Zd.Folder, new string('h', 110));
        (await Zd.Run("start", WriteApp())).Exited(6).Says("107", "ZD_HOME").HasNoStackTrace();
    }

    /// <summary>The pipe's own path would still fit; a worker's notify socket would not.</summary>
    [Fact]
    public async Task A_home_that_has_room_for_the_pipe_and_not_for_the_workers_sockets_is_refused_too()
    {
        Zd.Environment["ZD_HOME"] = Path.Combine(Zd.Folder, new string('h', 95 - Zd.Folder.Length - 1));
        (await Zd.Run("start", WriteApp())).Exited(6).Says("107", "ZD_HOME", "85 bytes at most").HasNoStackTrace();
    }

    [Fact]
    public async Task Garbage_half_a_line_and_100_MB_on_the_pipe_hurt_nobody()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        await SendToPipe("\0\u0001 this is not JSON\n"u8.ToArray());
        await SendToPipe("{\"jsonrpc\":\"2.0\",\"method\":\"li"u8.ToArray());
        await SendToPipe(Encoding.ASCII.GetBytes("[" + new string('1', 1000) + "]\n{}\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"noSuchMethod\"}\n"));
        var piece = new byte[1 << 20];
        piece.AsSpan().Fill((byte)'x');
        await SendToPipe([.. Enumerable.Repeat(piece, 100)]);

        (await Zd.Run("ping")).Succeeded();
        await PidsThatAnswer(2);
        var daemon = ProcessTable.OfHome(Zd.Home, " daemon").Single();
        var resident = long.Parse(File.ReadLines($"/proc/{daemon.Pid}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null) * 1024;
        Assert.True(resident < 200 << 20, $"the daemon holds {resident >> 20} MB after 100 MB of rubbish");
    }

    /// <summary>Nothing that <c>zd</c> itself would send: each of these once brought the daemon down at the launch.</summary>
    [Fact]
    public async Task A_command_that_no_kernel_could_launch_is_refused_and_the_daemon_lives()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var daemon = ProcessTable.OfHome(Zd.Home, " daemon").Single().Pid;
        Assert.Contains("arguments holds a NUL", await AskPipe(
            """{"jsonrpc":"2.0","id":1,"method":"start","params":{"apps":[{"name":"x","script":"/bin/sleep","program":"/bin/sleep","arguments":["9\u00009"],"workingDirectory":"/"}]}}"""), StringComparison.Ordinal);
        Assert.Contains("environment holds a NUL", await AskPipe(
            """{"jsonrpc":"2.0","id":1,"method":"reload","params":{"targets":["web"],"updatedEnvironment":{"A":"\u0000"}}}"""), StringComparison.Ordinal);
        await PidsThatAnswer(2);
        Assert.Equal(["web"], (await Zd.List()).Select(worker => worker.Name).Distinct());
        Assert.Equal(daemon, ProcessTable.OfHome(Zd.Home, " daemon").Single().Pid);
    }

    [Fact]
    public async Task A_program_with_strange_files_beside_it_does_not_bring_the_daemon_down()
    {
        Zd.Write("prog", "#!/bin/sh\nexec sleep 100\n", executable: true);
        Zd.Write("prog.dll", "");
        Zd.Write("prog.runtimeconfig.json", "[]");
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("prog", "./prog", "")))).Succeeded().Says("online");
    }

    [Fact]
    public async Task A_full_disk_under_the_logs_costs_lines_and_no_worker()
    {
        var options = $"args: [say, a line, spam, '1', serve]\nlisten: 127.0.0.1:{Port}\nout_file: /dev/full\nerror_file: /dev/full";
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, options)))).Succeeded();
        var pid = (await PidsThatAnswer(1)).Single();
        await using var load = LoadClient.LoadRun.Start(new LoadClient.LoadPlan(Url) { KeepAlive = 1, Think = TimeSpan.FromMilliseconds(20) });
        await load.WaitForRequestsAsync(100, Soon);
        NothingFailed(await load.StopAsync());
        Assert.Equal(pid, (await PidsThatAnswer(1)).Single());
        (await Zd.Run("list")).Succeeded().Says("online");
    }

    private async Task<string?> AskPipe(string request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(Zd.Home, "zd.pipe")));
        await socket.SendAsync(Encoding.UTF8.GetBytes(request + "\n"));
        using var answers = new StreamReader(new NetworkStream(socket));
        return await answers.ReadLineAsync().WaitAsync(Soon);
    }

    private async Task SendToPipe(params byte[][] pieces)
    {
        var pipe = Directory.EnumerateFiles(Zd.Home).Single(path => path.EndsWith(".pipe", StringComparison.Ordinal));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(pipe));
        try
        {
            foreach (var piece in pieces)
            {
                for (var rest = piece.AsMemory(); rest.Length > 0;)
                    rest = rest[await socket.SendAsync(rest)..];
            }
        }
        catch (SocketException)
        {
            // The daemon may hang up on us; that is an answer too.
        }
    }
}
