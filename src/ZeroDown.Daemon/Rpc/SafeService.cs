using System.Collections.Immutable;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Rpc;

/// <summary>The commands of one client while the daemon is in <see cref="SafeMode"/>: questions are answered, `kill` and `update` are the ways out, the rest is refused in words.</summary>
internal sealed class SafeService(
    Func<FleetState> fleet, FleetViews views, LogDesk logs, UpdateDesk updates, Func<DaemonInfo> info, string what, Action end, IClientNotices client) : IDaemonService
{
    public Task<DaemonInfo> PingAsync(PingCommand command, CancellationToken cancellation) => Task.FromResult(info());

    public Task<FleetSnapshot> ListAsync(ListCommand command, CancellationToken cancellation)
    {
        var now = fleet();
        var (targets, errors) = Targets(command.Targets, now);
        return Task.FromResult(new FleetSnapshot
        {
            Daemon = info(),
            Apps = [.. targets.Select(target => views.App(now, now.Find(target.App)!, slot => target.Slots?.Contains(slot.Slot) ?? true))],
            Errors = [.. errors],
        });
    }

    public async Task<CommandReply> LogsAsync(LogsCommand command, CancellationToken cancellation)
    {
        var now = fleet();
        var (targets, errors) = Targets(command.Targets, now);
        if (errors.Length > 0)
            return new CommandReply { ExitCode = 1, Errors = [.. errors] };
        await logs.SendAsync(command, now, targets, client, cancellation);
        return new CommandReply();
    }

    public Task<CommandReply> UpdateAsync(UpdateCommand command, CancellationToken cancellation) => updates.AnswerAsync(command, cancellation);

    public Task<CommandReply> KillAsync(KillCommand command, CancellationToken cancellation)
    {
        end();
        return Task.FromResult(new CommandReply { Lines = ["the workers are told to stop; who lives after 5 s is killed"] });
    }

    public Task<CommandReply> StartAsync(FleetCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> ReloadAsync(FleetCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> RestartAsync(FleetCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> StopAsync(FleetCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> DeleteAsync(FleetCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> ScaleAsync(ScaleCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> WatchAsync(WatchCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> ResetAsync(FleetCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> FlushAsync(FleetCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> ReloadLogsAsync(FleetCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> SignalAsync(SignalCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> SendLineAsync(SendLineCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> SaveAsync(SaveCommand command, CancellationToken cancellation) => No();

    public Task<CommandReply> ResurrectAsync(ResurrectCommand command, CancellationToken cancellation) => No();

    private Task<CommandReply> No() => Task.FromResult(new CommandReply
    {
        ExitCode = 1,
        Errors = [$"nothing was done: {what}. `zd update` goes on with another version of zd, `zd kill` ends everything; list, describe and logs work"],
    });

    private static (ImmutableArray<Target> Targets, ImmutableArray<string> Errors) Targets(string[] words, FleetState fleet) =>
        words.Length == 0 ? ([.. fleet.Apps.Select(app => new Target(app.Spec.Name))], []) : TargetGrammar.Resolve(words, fleet);
}
