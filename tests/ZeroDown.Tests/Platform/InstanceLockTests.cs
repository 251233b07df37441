using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class InstanceLockTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_second_one_is_told_who_was_first()
    {
        using (var first = InstanceLock.TryTake(_folder["lock"], out _))
        {
            Assert.NotNull(first);
            Assert.Null(InstanceLock.TryTake(_folder["lock"], out var holder));
            Assert.Equal(Environment.ProcessId, holder);
        }

        // A child that another test is just starting has a copy of the first one's descriptor, and the lock with it, until it execs.
        var nobody = -1;
        using var next = Eventually.Some(() => InstanceLock.TryTake(_folder["lock"], out nobody), "the first one has let go");
        Assert.Equal(0, nobody);
    }

    [Fact]
    public void A_holder_that_is_killed_has_let_go()
    {
        using var other = Tool.Python("""
            import fcntl, os, sys
            f = open(sys.argv[1], 'w')
            fcntl.flock(f, fcntl.LOCK_EX)
            f.write(str(os.getpid())); f.flush()
            print('locked'); sys.stdin.read()
            """, _folder["lock"]);
        Assert.Equal("locked", other.ReadLine());
        Assert.Null(InstanceLock.TryTake(_folder["lock"], out var holder));
        Assert.Equal(other.Pid, holder);

        other.Kill();

        using var ours = InstanceLock.TryTake(_folder["lock"], out _);
        Assert.NotNull(ours);
        Assert.Equal(Environment.ProcessId, InstanceLock.ReadHolder(_folder["lock"]));
    }

    [Fact]
    public void A_folder_that_is_missing_is_an_error_and_not_a_free_lock() =>
        Assert.Equal(Errno.ENOENT, Assert.Throws<SystemCallException>(() => InstanceLock.TryTake(_folder["none/lock"], out _)).Errno);
}
