using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class ProcessTests
{
    [Fact]
    public void A_living_process_gets_the_signal()
    {
        using var sleeper = Tool.Python("import sys; print('up'); sys.stdin.read()");
        sleeper.ReadLine();
        var identity = ProcessIdentity.Of(sleeper.Pid)!;

        Assert.True(identity.IsAlive());
        Assert.Equal(SignalOutcome.Delivered, identity.Signal(Signals.Terminate));

        sleeper.WaitForExit();
        Assert.False(identity.IsAlive());
        Assert.Equal(SignalOutcome.Gone, identity.Signal(Signals.Kill));
        Assert.Null(identity.OpenPidFd());
    }

    [Fact]
    public void Whoever_has_the_pid_now_is_never_signalled_for_whoever_had_it_before()
    {
        using var newcomer = Tool.Python("import sys; print('up'); sys.stdin.read()");
        newcomer.ReadLine();
        var real = ProcessIdentity.Of(newcomer.Pid)!;

        var earlier = real with { StartTime = real.StartTime - 1 };
        var otherBoot = real with { BootId = "another boot" };

        Assert.False(earlier.IsAlive());
        Assert.Equal(SignalOutcome.Gone, earlier.Signal(Signals.Kill));
        Assert.Equal(SignalOutcome.Gone, otherBoot.Signal(Signals.Kill));
        Assert.True(real.IsAlive());
    }

    [Fact]
    public void The_poller_hears_of_the_end_of_a_process_that_is_not_our_child()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "no pidfds here");
        using var parent = Tool.Python("""
            import subprocess, sys
            child = subprocess.Popen(['sleep', '1000'])
            print(child.pid); sys.stdin.readline()
            child.kill(); child.wait(); print('reaped'); sys.stdin.read()
            """);
        var grandchild = ProcessIdentity.Of(int.Parse(parent.ReadLine(), null))!;
        using var pidfd = grandchild.OpenPidFd()!;
        using var ended = new ManualResetEventSlim();
        using var poller = new FdPoller("pidfd", _ => { });
        FdRegistration? watch = null;
        watch = poller.Register(pidfd, FdInterest.Read, _ =>
        {
            watch!.Dispose();
            ended.Set();
        });

        Assert.False(ended.IsSet);
        parent.Input.WriteLine();

        Eventually.Signalled(ended.WaitHandle, "the pidfd became readable");
        Assert.False(grandchild.IsAlive());
    }

    [Fact]
    public void We_know_ourselves()
    {
        Assert.Equal(Environment.ProcessId, ProcessIdentity.Current.Pid);
        Assert.Equal(ProcessIdentity.Current, ProcessIdentity.Of(Environment.ProcessId));
        Assert.True(ProcessIdentity.Current.IsAlive());
        Assert.Equal(SignalOutcome.Delivered, ProcessIdentity.Current.Signal(0));
        Assert.Null(ProcessIdentity.Of(int.MaxValue));
    }

    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("TERM", 15)]
    [InlineData("int", 2)]
    [InlineData(" SigKill ", 9)]
    [InlineData("9", 9)]
    [InlineData("SIGNONE", 0)]
    [InlineData("0", 0)]
    [InlineData("65", 0)]
    [InlineData("", 0)]
    public void Signals_go_by_many_spellings(string text, int number)
    {
        Assert.Equal(number != 0, Signals.TryParse(text, out var signal));
        Assert.Equal(number, number == 0 ? 0 : signal);
    }

    [Fact]
    public void Signals_are_named_for_people()
    {
        Assert.Equal("SIGTERM", Signals.NameOf(15));
        Assert.Equal("signal 40", Signals.NameOf(40));
    }

    [Theory]
    [InlineData("1234 (plain) S 1 1234 1234 0 -1 4194560 1 0 0 0 7 3 0 0 20 0 5 0 98765 1000 250 18446744073709551615")]
    [InlineData("1234 (a) (b c) S 1 1234 1234 0 -1 4194560 1 0 0 0 7 3 0 0 20 0 5 0 98765 1000 250 18446744073709551615\n")]
    public void A_process_name_may_contain_anything(string text)
    {
        var stat = ProcStat.Parse(text)!.Value;

        Assert.Equal((1234, 'S', 1, 1234, 10, 5, 98765, 250), (stat.Pid, stat.State, stat.ParentPid, stat.Session, stat.CpuTicks, stat.Threads, stat.StartTicks, stat.ResidentPages));
        Assert.False(stat.HasEnded);
    }

    [Fact]
    public void Usage_is_read_and_adds_up()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        var first = ProcessStats.Read(Environment.ProcessId)!.Value;
        Assert.InRange(first.RssBytes, 10_000_000, 10_000_000_000);
        Assert.True(first.Threads > 1);

        var later = first with { CpuTime = first.CpuTime + TimeSpan.FromSeconds(1), At = first.At + TimeSpan.FromSeconds(2) };
        Assert.Equal(50, later.CpuPercentSince(first), 3);
        Assert.Equal(0, first.CpuPercentSince(first));
        Assert.True(ProcessStats.ReadSum([Environment.ProcessId, Environment.ProcessId])!.Value.Threads >= first.Threads);
        Assert.Null(ProcessStats.Read(int.MaxValue));
    }

    [Fact]
    public void A_zombie_has_ended_though_its_pid_is_still_taken()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var parent = Tool.Python("import subprocess, sys; c = subprocess.Popen(['sleep', '1000']); print(c.pid); sys.stdin.read()");
        var child = ProcessIdentity.Of(int.Parse(parent.ReadLine(), null))!;

        Assert.Equal(SignalOutcome.Delivered, child.Signal(Signals.Kill));

        Eventually.Equal(false, child.IsAlive, "the child has ended");
        Assert.Equal(child, ProcessIdentity.Of(child.Pid));
        Assert.Equal(SignalOutcome.Gone, child.Signal(Signals.Kill));
        Assert.DoesNotContain(child.Pid, ProcessTree.Of(parent.Pid));
        Assert.Null(ProcessStats.Read(child.Pid));
    }

    [Fact]
    public void A_process_whose_first_thread_has_ended_is_alive_while_others_go_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var process = Tool.Python("""
            import ctypes, sys, threading
            def other():
                sys.stdin.readline(); print('still here', flush=True); sys.stdin.read()
            threading.Thread(target=other).start()
            print('up', flush=True)
            ctypes.CDLL(None).pthread_exit(None)
            """);
        process.ReadLine();
        Eventually.Equal('Z', () => ProcStat.Read(process.Pid)!.Value.State, "the first thread is gone");

        Assert.True(ProcessIdentity.Of(process.Pid)!.IsAlive());
        Assert.Contains(process.Pid, ProcessTree.Of(process.Pid));
    }

    [Fact]
    public void The_tree_has_the_session_and_the_descendants_that_left_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var worker = Tool.Python("""
            import os, subprocess, sys
            os.setsid()
            near = subprocess.Popen(['sleep', '1000'])
            far = subprocess.Popen(['sleep', '1000'], start_new_session=True)
            orphan = int(subprocess.check_output(['sh', '-c', 'sleep 1000 >/dev/null & echo $!']))
            print(near.pid, far.pid, orphan)
            sys.stdin.readline()
            for pid in (near.pid, far.pid, orphan): os.kill(pid, 9)
            near.wait(); far.wait()
            print('done'); sys.stdin.read()
            """);
        var others = worker.ReadLine().Split(' ').Select(int.Parse).ToArray();

        var tree = ProcessTree.Of(worker.Pid);

        Assert.Equal(worker.Pid, tree[0]);
        Assert.Equal([worker.Pid, .. others.Order()], tree.Skip(1).Order().Prepend(tree[0]));
        worker.Input.WriteLine();
        Assert.Equal("done", worker.ReadLine());
        Eventually.Equal(1, () => ProcessTree.Of(worker.Pid).Count, "only the worker itself is left");
    }
}
