namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd start-or-reload</c>, the usual last line of a deploy script: what is missing is started, what runs is rolled.</summary>
internal sealed class StartOrReloadVerb : StartVerb
{
    public override string Name => "start-or-reload";

    public override string[] OldSpellings => ["startOrReload", "startOrGracefulReload", "start-or-graceful-reload"];

    public override string Summary => "starts what is missing of a file, and reloads what runs";

    public override string[] Examples => ["zd start-or-reload ecosystem.yaml --env production"];
}

/// <summary><c>zd start-or-restart</c>: what is missing is started, what runs is restarted.</summary>
internal sealed class StartOrRestartVerb : RestartVerb
{
    public override string Name => "start-or-restart";

    public override string[] OldSpellings => ["startOrRestart"];

    public override string Summary => "starts what is missing of a file, and restarts what runs";

    public override string[] Examples => ["zd start-or-restart ecosystem.yaml --only api"];
}
