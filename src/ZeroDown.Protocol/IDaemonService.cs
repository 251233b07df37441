namespace ZeroDown.Protocol;

/// <summary>
/// What the daemon can be asked, one method per JSON-RPC 2.0 method of the same name in camelCase without "Async"
/// (<c>ping</c>, <c>start</c>, …), each with one parameter object. One request gets one answer; what happens in between
/// comes as notifications (<see cref="IClientNotices"/>) on the same connection.
/// </summary>
public interface IDaemonService
{
    Task<DaemonInfo> PingAsync(PingCommand command, CancellationToken cancellation);

    Task<CommandReply> StartAsync(FleetCommand command, CancellationToken cancellation);

    Task<CommandReply> ReloadAsync(FleetCommand command, CancellationToken cancellation);

    Task<CommandReply> RestartAsync(FleetCommand command, CancellationToken cancellation);

    Task<CommandReply> StopAsync(FleetCommand command, CancellationToken cancellation);

    Task<CommandReply> DeleteAsync(FleetCommand command, CancellationToken cancellation);

    Task<CommandReply> ScaleAsync(ScaleCommand command, CancellationToken cancellation);

    /// <summary>Switches the watching of files on or off; nothing is rolled for it.</summary>
    Task<CommandReply> WatchAsync(WatchCommand command, CancellationToken cancellation);

    Task<CommandReply> ResetAsync(FleetCommand command, CancellationToken cancellation);

    /// <summary>Empties the log files of the targets.</summary>
    Task<CommandReply> FlushAsync(FleetCommand command, CancellationToken cancellation);

    /// <summary>Opens the log files of the targets again, under the names that they have now: somebody has moved the old ones away.</summary>
    Task<CommandReply> ReloadLogsAsync(FleetCommand command, CancellationToken cancellation);

    Task<CommandReply> SignalAsync(SignalCommand command, CancellationToken cancellation);

    Task<CommandReply> SendLineAsync(SendLineCommand command, CancellationToken cancellation);

    /// <summary>A snapshot; <see cref="ListCommand.Targets"/> narrows it.</summary>
    Task<FleetSnapshot> ListAsync(ListCommand command, CancellationToken cancellation);

    /// <summary>Sends the last lines as <see cref="IClientNotices.Log"/>, then, when asked to follow, goes on until the client leaves.</summary>
    Task<CommandReply> LogsAsync(LogsCommand command, CancellationToken cancellation);

    /// <summary>Saves the apps and which of them run, for the next boot.</summary>
    Task<CommandReply> SaveAsync(SaveCommand command, CancellationToken cancellation);

    /// <summary>Starts the saved apps that are not there.</summary>
    Task<CommandReply> ResurrectAsync(ResurrectCommand command, CancellationToken cancellation);

    /// <summary>Goes on as another program. The daemon that begins it does not answer, it leaves; the next one answers the same token.</summary>
    Task<CommandReply> UpdateAsync(UpdateCommand command, CancellationToken cancellation);

    /// <summary>Stops every app, answers, and ends daemon and keeper.</summary>
    Task<CommandReply> KillAsync(KillCommand command, CancellationToken cancellation);
}

/// <summary>What the daemon tells a client while its request is under way. Calls never wait for the client; one that
/// does not read loses notices (they are marked as dropped), never the answer.</summary>
public interface IClientNotices
{
    /// <summary>JSON-RPC notification <c>progress</c>.</summary>
    void Progress(ProgressNote note);

    /// <summary>JSON-RPC notification <c>log</c>.</summary>
    void Log(LogNote note);

    /// <summary>Completes when most of what was said before is on its way to the client: for a caller that has much to say and can wait.</summary>
    Task RoomAsync(CancellationToken cancellation) => Task.CompletedTask;
}
