using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>
/// What is asked again when a daemon goes away before it has answered, and how: commands under a token, so that they are
/// carried out once; questions, and what may be done twice, just so.
/// </summary>
internal sealed class LastingDaemon(LastingConnection connection) : IDaemonService
{
    public Task<DaemonInfo> PingAsync(PingCommand command, CancellationToken cancellation) =>
        Question(daemon => daemon.PingAsync(command, cancellation), cancellation);

    public Task<FleetSnapshot> ListAsync(ListCommand command, CancellationToken cancellation) =>
        Question(daemon => daemon.ListAsync(command, cancellation), cancellation);

    public Task<CommandReply> StartAsync(FleetCommand command, CancellationToken cancellation) =>
        Once("start", command, daemon => daemon.StartAsync(command, cancellation), cancellation);

    public Task<CommandReply> ReloadAsync(FleetCommand command, CancellationToken cancellation) =>
        Once("reload", command, daemon => daemon.ReloadAsync(command, cancellation), cancellation);

    public Task<CommandReply> RestartAsync(FleetCommand command, CancellationToken cancellation) =>
        Once("restart", command, daemon => daemon.RestartAsync(command, cancellation), cancellation);

    public Task<CommandReply> StopAsync(FleetCommand command, CancellationToken cancellation) =>
        Once("stop", command, daemon => daemon.StopAsync(command, cancellation), cancellation);

    public Task<CommandReply> DeleteAsync(FleetCommand command, CancellationToken cancellation) =>
        Once("delete", command, daemon => daemon.DeleteAsync(command, cancellation), cancellation);

    public Task<CommandReply> ScaleAsync(ScaleCommand command, CancellationToken cancellation) =>
        Once("scale", command, daemon => daemon.ScaleAsync(command, cancellation), cancellation);

    public Task<CommandReply> WatchAsync(WatchCommand command, CancellationToken cancellation) =>
        Once("restart --watch", command, daemon => daemon.WatchAsync(command, cancellation), cancellation);

    public Task<CommandReply> ResetAsync(FleetCommand command, CancellationToken cancellation) =>
        Once("reset", command, daemon => daemon.ResetAsync(command, cancellation), cancellation);

    public Task<CommandReply> SignalAsync(SignalCommand command, CancellationToken cancellation) =>
        Once("sendSignal", command, daemon => daemon.SignalAsync(command, cancellation), cancellation);

    public Task<CommandReply> ResurrectAsync(ResurrectCommand command, CancellationToken cancellation) =>
        Once("resurrect", command, daemon => daemon.ResurrectAsync(command, cancellation), cancellation);

    /// <summary>Twice is as good as once.</summary>
    public Task<CommandReply> SaveAsync(SaveCommand command, CancellationToken cancellation) =>
        Question(daemon => daemon.SaveAsync(command, cancellation), cancellation);

    /// <summary>Twice is as good as once.</summary>
    public Task<CommandReply> FlushAsync(FleetCommand command, CancellationToken cancellation) =>
        Question(daemon => daemon.FlushAsync(command, cancellation), cancellation);

    /// <summary>Twice is as good as once.</summary>
    public Task<CommandReply> ReloadLogsAsync(FleetCommand command, CancellationToken cancellation) =>
        Question(daemon => daemon.ReloadLogsAsync(command, cancellation), cancellation);

    /// <summary>A line is on its way to the worker before anybody could have written down that it was sent, so it is not sent again.</summary>
    public Task<CommandReply> SendLineAsync(SendLineCommand command, CancellationToken cancellation) => connection.AskAsync(
        null,
        (daemon, put) => put == 0
            ? daemon.SendLineAsync(command, cancellation)
            : throw new CommandException(ExitCode.DaemonNotReachable, "the daemon was replaced just then; whether the worker got the line is not known, and it was not sent again"),
        cancellation);

    /// <summary>Goes on behind the last line that was shown of each file.</summary>
    public Task<CommandReply> LogsAsync(LogsCommand command, CancellationToken cancellation) => connection.AskAsync(
        null,
        (daemon, put) => daemon.LogsAsync(put == 0 || !command.Follow ? command : command with { Lines = 0, From = connection.Shown }, cancellation),
        cancellation);

    /// <summary>The daemon that begins an update leaves; the next one is asked how it went and begins no other.</summary>
    public Task<CommandReply> UpdateAsync(UpdateCommand command, CancellationToken cancellation)
    {
        command.Token ??= CommandToken.New();
        return connection.AskAsync(null, (daemon, put) => daemon.UpdateAsync(command with { OutcomeOnly = put > 0 }, cancellation), cancellation);
    }

    /// <summary>Whoever asks again and finds nobody has reached what he wanted; the verb says so.</summary>
    public Task<CommandReply> KillAsync(KillCommand command, CancellationToken cancellation) =>
        Once("kill", command, daemon => daemon.KillAsync(command, cancellation), cancellation);

    private Task<T> Question<T>(Func<IDaemonService, Task<T>> ask, CancellationToken cancellation) =>
        connection.AskAsync(null, (daemon, _) => ask(daemon), cancellation);

    private Task<CommandReply> Once(string verb, DaemonCommand command, Func<IDaemonService, Task<CommandReply>> ask, CancellationToken cancellation)
    {
        command.Token ??= CommandToken.New();
        return connection.AskAsync(verb, (daemon, _) => ask(daemon), cancellation);
    }
}
