using ZeroDown.Keeper;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// `zd update`: the daemon tells the keeper which program comes next, and leaves without touching a worker. The next daemon, of whichever program, hears from the keeper how
/// it went, and tells the client, who has come back with the same token.
/// </summary>
internal sealed class UpdateDesk(KeeperClient keeper, Action<Action> onLoop, DaemonLog log)
{
    private readonly TaskCompletionSource<UpdateNote> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile UpdateNote? _last = keeper.GiveBack.Update;

    /// <summary>News of the keeper.</summary>
    public void Hear(UpdateNote note)
    {
        _last = note;
        if (note.Stage != UpdateStage.Underway)
            _outcome.TrySetResult(note);
    }

    public async Task<CommandReply> AnswerAsync(UpdateCommand command, CancellationToken cancellation)
    {
        if (command.Token is not { } token)
            return No("an update needs a token, so that its outcome can be asked for; `zd update` sends one");
        if (_last is { } last && last.Token == token)
            return Reply(last.Stage == UpdateStage.Underway ? await _outcome.Task.WaitAsync(cancellation) : last);
        if (command.OutcomeOnly)
            return No("nobody here knows of this update");
        if (command.Program is not [var program, ..] || !Path.IsPathRooted(program))
            return No("an update needs the absolute path of the program");
        if (keeper.GiveBack.KeeperVersion.Length == 0)
            return No("the keeper that runs is too old to be updated in place; end it with `zd kill` (its apps stop) and start anew");

        onLoop(() => Leave(token, command));
        // Nobody answers this: we leave, and whoever asks the next daemon with the same token hears how it went.
        return Reply(await _outcome.Task.WaitAsync(cancellation));
    }

    private void Leave(string token, UpdateCommand command)
    {
        log.MakesRoomForUpdate(command.Version, command.Program[0]);
        keeper.Update(token, command.Version, command.Program);
        keeper.Dispose();
        Environment.Exit(0);
    }

    private static CommandReply Reply(UpdateNote note) => note.Stage switch
    {
        UpdateStage.Done => new CommandReply(),
        UpdateStage.DaemonOnly => new CommandReply
        {
            ExitCode = 1,
            Errors = [$"the daemon is updated, but the keeper could not become the new program and goes on as it was: {note.Text}"],
        },
        UpdateStage.Returned => No($"the new daemon did not start: {note.Text}; the old one is back, and no worker was touched"),
        _ => No($"the keeper tells of an update in stage {(int)note.Stage}, which this daemon does not know"),
    };

    private static CommandReply No(string why) => new() { ExitCode = 1, Errors = [why] };
}
