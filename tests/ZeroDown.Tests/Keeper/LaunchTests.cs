using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Keeper;

[UnsupportedOSPlatform("windows")]
public sealed class LaunchTests : IDisposable
{
    private readonly RunningKeeper _keeper;
    private readonly TestDaemon _daemon;

    public LaunchTests() => _keeper = RunningKeeper.WithDaemon(out _daemon);

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public void A_worker_s_exit_code_arrives_as_it_is()
    {
        int[] codes = [0, 1, 3, 127, 255];
        foreach (var code in codes)
        {
            var exit = _daemon.RunToEnd(Order.Shell(code, null, $"exit {code}"));
            Assert.Equal((code, (int?)null, false), (exit.ExitCode, exit.Signal, exit.CoreDumped));
        }
    }

    [Fact]
    public void The_signal_that_ended_a_worker_arrives_as_it_is()
    {
        foreach (var signal in (int[])[1, 2, 9, 13, 15])
        {
            var exit = _daemon.RunToEnd(Order.Shell(signal, null, $"kill -{signal} $$; sleep 1000"));
            Assert.Equal(((int?)null, signal), (exit.ExitCode, exit.Signal));
        }
    }

    [Fact]
    public void What_a_worker_used_arrives_with_its_exit()
    {
        var lazy = _daemon.RunToEnd(Order.Shell(1, null, "exit 0"));
        var busy = _daemon.RunToEnd(Order.Shell(2, null, "x=$(head -c 30000000 /dev/zero | tr '\\0' a); i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"));

        Assert.InRange(busy.MaxRssBytes, 30_000_000, 500_000_000);
        Assert.InRange(lazy.MaxRssBytes, 100_000, 100_000_000);
        Assert.True(busy.UserTime > lazy.UserTime, $"{busy.UserTime} > {lazy.UserTime}");
        Assert.InRange(busy.At, lazy.At, MonotonicClock.Now);
    }

    [Fact]
    public void The_arguments_arrive_one_by_one()
    {
        using var output = _keeper.Output();
        _daemon.RunToEnd(Order.Run(1, output.Fd, "/bin/cat", "/proc/self/cmdline") with { ArgumentZero = "a name" });
        _daemon.RunToEnd(Order.Run(2, output.Fd, "/bin/sh", "-c", "printf '<%s>' \"$@\"", "sh", "", "two words", "\"quoted\"", "ümlaut", "new\nline", "-"));

        Assert.Equal("a name\0/proc/self/cmdline\0<><two words><\"quoted\"><ümlaut><new\nline><->", output.Text);
    }

    [Fact]
    public void The_environment_is_exactly_the_ordered_one_and_the_pid_variables()
    {
        using var output = _keeper.Output();
        var order = Order.Run(1, output.Fd, "/usr/bin/env") with
        {
            Environment = [new("B", "2"), new("A", "with = and spaces"), new("EMPTY", ""), new("DOTNET_STARTUP_HOOKS", "/does/not/exist.dll")],
            PidVariables = ["LISTEN_PID", "SYSTEMD_EXEC_PID"],
        };
        var pid = _daemon.Start(order);
        _daemon.ExitOf(1);

        Assert.Equal(["B=2", "A=with = and spaces", "EMPTY=", "DOTNET_STARTUP_HOOKS=/does/not/exist.dll", $"LISTEN_PID={pid}", $"SYSTEMD_EXEC_PID={pid}"], output.Lines);
    }

    [Fact]
    public void A_large_environment_arrives_whole()
    {
        using var output = _keeper.Output();
        var value = new string('x', 100_000);
        var environment = Enumerable.Range(0, 12).Select(i => KeyValuePair.Create($"V{i}", value));
        _daemon.RunToEnd(Order.Run(1, output.Fd, "/usr/bin/env") with { Environment = [.. environment] });

        Assert.Equal(12, output.Lines.Count(line => line.Length > 100_000 && line.EndsWith(value, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_descriptors_are_exactly_the_ordered_ones()
    {
        using var one = _keeper.Output("one");
        using var two = _keeper.Output("two");
        using var output = _keeper.Output();
        var order = Order.Shell(1, output.Fd, "exec ls -l /proc/self/fd") with
        {
            Fds = [new(one.Fd, 7), new(two.Fd, 3), new(one.Fd, 4), new(output.Fd, 1), new(output.Fd, 2)],
        };
        _daemon.RunToEnd(order);

        // ls itself has the folder open, on the lowest free number.
        var open = output.Lines.Where(line => line.Contains(" -> ", StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split(' ')[^3..]));
        Assert.Equal(
            ["0 -> /dev/null", $"1 -> {output.Path}", $"2 -> {output.Path}", $"3 -> {two.Path}", $"4 -> {one.Path}", $"7 -> {one.Path}"],
            open.Where(line => !line.Contains("/proc/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_worker_starts_with_default_signals_in_a_session_of_its_own()
    {
        using var output = _keeper.Output();
        var pid = _daemon.Start(Order.Run(1, output.Fd, "/bin/cat", "/proc/self/status", "/proc/self/stat"));
        _daemon.ExitOf(1);

        Assert.Contains("SigBlk:\t0000000000000000", output.Lines);
        Assert.Equal("SigIgn:\t0000000000000000", output.Lines.Single(line => line.StartsWith("SigIgn", StringComparison.Ordinal)));
        var stat = ProcStat.Parse(output.Lines[^1])!.Value;
        Assert.Equal((pid, pid, pid), (stat.Pid, stat.Group, stat.Session));
    }

    [Fact]
    public void What_the_keeper_changed_for_itself_is_as_before_in_the_worker()
    {
        using var output = _keeper.Output();
        _daemon.RunToEnd(Order.Shell(1, output.Fd, "ulimit -Sn; cat /proc/self/oom_score_adj"));

        // As the program saw it that started the test program, which the runtime has raised since.
        Assert.Equal([$"{SystemLimits.OriginalOpenFilesSoft}", File.ReadAllText("/proc/self/oom_score_adj").Trim()], output.Lines);
    }

    [Fact]
    public void Folder_umask_niceness_and_limits_are_the_ordered_ones()
    {
        using var output = _keeper.Output();
        var order = Order.Shell(1, output.Fd, "pwd; umask; nice; ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -v") with
        {
            WorkingDirectory = "/usr",
            Umask = 0x17, // 027
            Nice = 7,
            Limits =
            [
                new ProcessLimit(LimitedResource.OpenFiles, 77, 99),
                new ProcessLimit(LimitedResource.CoreFile, 0, 0),
                new ProcessLimit(LimitedResource.AddressSpace, 64 << 20, ProcessLimit.Unlimited), // far too little for the trampoline's runtime
            ],
        };
        _daemon.RunToEnd(order);

        Assert.Equal(["/usr", "0027", "7", "77", "99", "0", "65536"], output.Lines);
    }

    [Fact]
    public void User_and_groups_are_the_ordered_ones()
    {
        Assert.SkipUnless(CurrentUser.IsRoot, "only root may launch as another user");
        using var output = _keeper.Output();
        _daemon.RunToEnd(Order.Shell(1, output.Fd, "id -u; id -g; id -G") with { UserId = 4711, GroupId = 4712, Groups = [4713, 4714] });
        _daemon.RunToEnd(Order.Shell(2, output.Fd, "id -G") with { UserId = 4711, GroupId = 4712 });

        Assert.Equal(["4711", "4712", "4712 4713 4714", "4712"], output.Lines);
    }

    [Fact]
    public void A_folder_is_entered_with_the_worker_s_own_rights()
    {
        Assert.SkipUnless(CurrentUser.IsRoot, "only root may launch as another user");
        var closed = Directory.CreateDirectory(Path.Combine(_keeper.Home, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var failed = _daemon.LaunchToFailure(Order.Shell(1, null, "exit 0") with { UserId = 4711, GroupId = 4712, WorkingDirectory = closed.FullName });

        Assert.Equal((LaunchStep.WorkingDirectory, Errno.EACCES), (failed.Step, failed.Errno));
    }

    [Fact]
    public void A_launch_that_cannot_be_executed_says_at_which_step_and_why()
    {
        var home = _keeper.Home;
        File.WriteAllText($"{home}/plain", "hello");
        ProgramFile.Write($"{home}/orphan", "#!/no/such/interpreter -x\n");
        ProgramFile.Write($"{home}/windows", "#!/bin/sh\r\nexit 0\r\n");
        ProgramFile.Write($"{home}/garbage", "no program");

        Assert.Equal((LaunchStep.Exec, Errno.ENOENT, $"cannot execute {home}/missing: No such file or directory (ENOENT)"), Failure(1, $"{home}/missing"));
        Assert.Equal((LaunchStep.Exec, Errno.EACCES, $"cannot execute {home}/plain: it is not executable for this user; chmod +x may help (EACCES)"), Failure(2, $"{home}/plain"));
        Assert.Equal((LaunchStep.Exec, Errno.EACCES, $"cannot execute {home}: it is a directory (EACCES)"), Failure(3, home));
        Assert.Equal((LaunchStep.Exec, Errno.ENOENT, $"cannot execute {home}/orphan: the file exists, but the interpreter that its first line names does not: /no/such/interpreter (ENOENT)"), Failure(4, $"{home}/orphan"));
        Assert.Contains("Windows line break", Failure(5, $"{home}/windows").Text, StringComparison.Ordinal);
        Assert.Equal((LaunchStep.Exec, Errno.ENOEXEC, $"cannot execute {home}/garbage: it is neither a program for this machine nor a script that begins with #! (ENOEXEC); add a first line such as #!/bin/sh, or set 'interpreter'"), Failure(6, $"{home}/garbage"));
        Assert.DoesNotContain(_daemon.All, news => news is KeeperEvent.Started or KeeperEvent.Exited);
    }

    [Fact]
    public void A_missing_folder_fails_the_launch_before_the_gate()
    {
        _daemon.Client.Launch(Order.Shell(1, null, "exit 0") with { WorkingDirectory = "/no/such/folder" });

        var failed = _daemon.Next<KeeperEvent.LaunchFailed>();
        Assert.Equal((1L, LaunchStep.WorkingDirectory, Errno.ENOENT, "cannot enter /no/such/folder: No such file or directory (ENOENT)"), (failed.LaunchId, failed.Step, failed.Errno, failed.Text));
    }

    [Fact]
    public void An_order_that_makes_no_sense_fails_without_a_process()
    {
        using var output = _keeper.Output();
        LaunchOrder[] senseless =
        [
            Order.Run(1, null, "relative/path"),
            Order.Run(2, null, "/bin/true") with { WorkingDirectory = "here" },
            Order.Run(3, null, "/bin/true", "nul\0inside"),
            Order.Run(4, null, "/bin/true") with { Fds = [new(output.Fd, 5), new(output.Fd, 5)] },
            Order.Run(5, null, "/bin/true") with { Fds = [new(output.Fd, 200)] },
        ];
        foreach (var order in senseless)
        {
            Assert.Equal(LaunchStep.Order, _daemon.LaunchToFailure(order).Step);
        }

        Assert.DoesNotContain(_daemon.All, news => news is KeeperEvent.Spawned);
    }

    [Fact]
    public void A_limit_that_the_system_refuses_fails_the_launch()
    {
        var failed = _daemon.LaunchToFailure(Order.Shell(1, null, "exit 0") with { Limits = [new ProcessLimit(LimitedResource.OpenFiles, 100, 50)] });

        Assert.Equal((LaunchStep.Limits, Errno.EINVAL), (failed.Step, failed.Errno));
    }

    private (LaunchStep Step, Errno Errno, string Text) Failure(long launchId, string program)
    {
        var failed = _daemon.LaunchToFailure(Order.Run(launchId, null, program));
        return (failed.Step, failed.Errno, failed.Text);
    }
}
