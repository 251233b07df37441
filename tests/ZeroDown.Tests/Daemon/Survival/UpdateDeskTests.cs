using Xunit;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;
using ZeroDown.Tests.Keeper;

namespace ZeroDown.Tests.Daemon.Survival;

/// <summary>The answers of a daemon that does not leave for an update.</summary>
public sealed class UpdateDeskTests : IDisposable
{
    private readonly DaemonLog _log = DaemonLog.Silent();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task While_the_keeper_is_gone_the_daemon_stays_and_says_to_try_again()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        keeper.KillKeeper(daemon);

        var reply = await Ask(daemon, new UpdateCommand { Token = "token", Program = ["/opt/zd"], Version = "2.0" });

        Assert.Equal(1, reply.ExitCode);
        Assert.Contains("the keeper is gone and is being replaced", Assert.Single(reply.Errors), StringComparison.Ordinal);
        Assert.Contains("Type `zd update` again", reply.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_for_an_update_that_is_not_known_is_told_what_runs_and_what_to_type()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);

        var reply = await Ask(daemon, new UpdateCommand { Token = "lost", OutcomeOnly = true });

        Assert.Equal(1, reply.ExitCode);
        Assert.Contains(
            $"Now the daemon is {DaemonHost.Version} and the keeper {daemon.Client.GiveBack.KeeperVersion}; if that is not what you want, type `zd update` again",
            Assert.Single(reply.Errors),
            StringComparison.Ordinal);
    }

    private Task<CommandReply> Ask(TestDaemon daemon, UpdateCommand command) =>
        new UpdateDesk(daemon.Client, act => act(), _log).AnswerAsync(command, TestContext.Current.CancellationToken);
}
