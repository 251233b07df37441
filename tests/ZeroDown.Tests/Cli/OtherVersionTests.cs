using Xunit;
using ZeroDown.Cli;
using ZeroDown.Cli.Asking;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>CLI and daemon of different versions: which one is older, and what to type.</summary>
public sealed class OtherVersionTests
{
    private static readonly DaemonRefusedException Refused = new("there is no method \"save\"", RpcError.MethodNotFound);

    [Theory]
    [InlineData("0.0.9", 1, "which is older and does not know this; `zd update` lets daemon and keeper go on")]
    [InlineData("99.0.0", 1, "which is newer and does not know this any more; call that zd")]
    [InlineData("0.1.0", 0, "which is older")]
    [InlineData("0.1.0", 2, "which is newer")]
    public void It_is_said_who_is_older(string version, int protocol, string words)
    {
        var (said, isReason) = OtherVersion.Words(new DaemonInfo { Version = version, Protocol = protocol, Home = "/home", Pid = 42 }, Refused);
        Assert.True(isReason);
        Assert.Contains(words, said, StringComparison.Ordinal);
        Assert.Contains($"this is zd {Versions.Zd}, the daemon that runs (pid 42) is zd {version}", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_same_version_the_daemon_s_own_words_are_shown() =>
        Assert.Equal((Refused.Message, false), OtherVersion.Words(new DaemonInfo { Version = Versions.Zd, Home = "/home" }, Refused));

    [Fact]
    public async Task Where_no_daemon_can_be_asked_its_last_words_are_shown()
    {
        using var folder = new TempFolder();
        Assert.Equal((Refused.Message, false), await OtherVersion.WordsAsync(new HomeFolder(folder["home"]), Refused));
    }
}
