using Xunit;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Platform.Launching;

public sealed class ChildLauncherTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sources_and_targets_may_be_the_same_numbers_crosswise()
    {
        using var one = Open("one");
        using var two = Open("two");
        using var output = Open("out");
        var pid = Launch("/bin/ls -l /proc/self/fd", (output, 1), (one, two.Number), (two, one.Number), (output, output.Number));

        Assert.Equal(0, Reaper.Reap(pid).ExitCode);
        var links = File.ReadAllLines(_folder["out"]);
        Assert.Contains(links, link => link.EndsWith($" {one.Number} -> {_folder["two"]}", StringComparison.Ordinal));
        Assert.Contains(links, link => link.EndsWith($" {two.Number} -> {_folder["one"]}", StringComparison.Ordinal));
        Assert.Contains(links, link => link.EndsWith($" {output.Number} -> {_folder["out"]}", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_of_ours_leaks_into_a_child()
    {
        using var secret = Open("secret");
        using var output = Open("out");
        Assert.Equal(0, Reaper.Reap(Launch("/bin/ls -l /proc/self/fd", (output, 1))).ExitCode);

        Assert.Contains(_folder["out"], File.ReadAllText(_folder["out"]), StringComparison.Ordinal);
        Assert.DoesNotContain(_folder["secret"], File.ReadAllText(_folder["out"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_executed_leaves_no_child_behind()
    {
        var failure = Assert.Throws<SystemCallException>(() => ChildLauncher.Launch(new ChildImage("/no/such/file", ["x"], [], [], NewSession: true)));

        Assert.Equal(Errno.ENOENT, failure.Errno);
        Assert.Equal("start /no/such/file: No such file or directory (ENOENT)", failure.Message);
    }

    [Fact]
    public void A_string_with_a_NUL_inside_is_refused() =>
        Assert.Throws<ArgumentException>(() => new NativeStrings(["good", "b\0d"]));

    private FdHandle Open(string name) => FdHandle.Open(_folder[name], Constants.O_WRONLY | Constants.O_CREAT | Constants.O_APPEND, 0x180);

    private static int Launch(string command, params (FdHandle Source, int Number)[] fds)
    {
        var words = command.Split(' ');
        return ChildLauncher.Launch(new ChildImage(words[0], words, [], fds, NewSession: true));
    }
}
