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
    private volatile string _keeperVersion = keeper.GiveBack.KeeperVersion;

    /// <summary>News of the keeper.</summary>
    public void Hear(UpdateNote note)
    {
        _last = note;
        if (note.Stage == UpdateStage.Done)
            _keeperVersion = DaemonHost.Version;
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
            return No(Unknown());
        if (command.Program is not [var program, ..] || !Path.IsPathRooted(program))
            return No("an update needs the absolute path of the program");
        if (_keeperVersion.Length == 0)
            return No("the keeper that runs is too old to be updated in place; end it with `zd kill` (its apps stop) and start anew");

        // Only a daemon that stays answers: whoever asks the next one with the same token hears how it went.
        var stays = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        onLoop(() =>
        {
            if (keeper.Update(token, command.Version, command.Program))
                Leave(command);
            else
                stays.SetResult();
        });
        await stays.Task.WaitAsync(cancellation);
        return No("the keeper is gone and is being replaced, so nobody could start the new program; no worker was touched. Type `zd update` again in a moment");
    }

    private void Leave(UpdateCommand command)
    {
        log.MakesRoomForUpdate(command.Version, command.Program[0]);
        keeper.Dispose();
        Environment.Exit(0);
    }

    private string Unknown() =>
        "what became of this update is not known: the daemon was replaced before it was taken, or the keeper that knew of it is gone. "
        + $"Now the daemon is {DaemonHost.Version} and the keeper {(_keeperVersion.Length > 0 ? _keeperVersion : "of a version that it does not tell")}; if that is not what you want, type `zd update` again";

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
