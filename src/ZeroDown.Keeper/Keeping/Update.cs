namespace ZeroDown.Keeper;

/// <summary>
/// One update, from its order until its outcome is known: the old daemon leaves, the new program's daemon is started, and when that is ready the keeper becomes the new
/// program too. Whatever of it does not work, the old one goes on.
/// </summary>
/// <param name="token">The asker's word for it.</param>
/// <param name="version">Of the new program, for people.</param>
/// <param name="program">The new program and its leading arguments.</param>
internal sealed class Update(string token, string version, IReadOnlyList<string> program)
{
    internal string Token { get; } = token;

    internal string Version { get; } = version;

    internal IReadOnlyList<string> Program { get; } = program;

    internal UpdateStage Stage { get; private set; } = UpdateStage.Underway;

    /// <summary>A sentence for people, when it is over.</summary>
    internal string Text { get; private set; } = "";

    /// <summary>Daemons are started from the new program.</summary>
    internal bool IsUnderway => Stage == UpdateStage.Underway;

    /// <summary>The new daemon is ready, and the keeper's turn has come.</summary>
    internal bool IsKeepersTurn { get; private set; }

    internal void DaemonIsReady() => IsKeepersTurn = IsUnderway;

    internal void DaemonFailed(string why) => End(UpdateStage.Returned, why);

    internal void KeeperStays(string why) => End(UpdateStage.DaemonOnly, why);

    internal void Succeeded() => End(UpdateStage.Done, "");

    /// <summary>How it stands.</summary>
    internal WireWriter Write(WireWriter to) => to.Text(Token).U8((byte)Stage).Text(Text);

    /// <summary>What it is about, as the daemon orders it.</summary>
    internal WireWriter Carry(WireWriter to) => to.Text(Token).Text(Version).Texts(Program);

    internal static Update Read(ref WireReader from) => new(from.Text(), from.Text(), from.Texts());

    private void End(UpdateStage stage, string text)
    {
        (Stage, Text) = (stage, text);
        IsKeepersTurn = false;
    }
}
