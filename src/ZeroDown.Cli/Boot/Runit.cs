namespace ZeroDown.Cli.Boot;

/// <summary>runit: the keeper below runsv, which signals it alone. <c>sv reload</c> rolls every app.</summary>
internal sealed class Runit : BootSystem
{
    public override string Name => "runit";

    public override string[] Aliases => ["void"];

    public override bool IsHere(Func<string, bool> exists) => exists("/run/runit") || exists("/etc/runit/runsvdir");

    public override string MainFile(BootFacts facts) => $"{Folder(facts)}/run";

    public override BootPlan Install(BootFacts facts) => new(facts.Service, NeedsRoot: true,
    [
        new BootStep.Write(MainFile(facts), $"""
            #!/bin/sh
            # {Mark}
            exec 2>&1
            {Exports(facts)}
            ulimit -n 524288 2>/dev/null
            exec chpst -u {Sh(facts.User)} {ShWords([.. facts.Zd, "resurrect", "--service"])}

            """, Executable: true),
        new BootStep.Write($"{Folder(facts)}/control/h", $"""
            #!/bin/sh
            # {Mark}
            {Exports(facts)}
            exec chpst -u {Sh(facts.User)} {ShWords([.. facts.Zd, "reload", "all"])}

            """, Executable: true),
        new BootStep.Link(LinkPath(facts), Folder(facts)),
    ]);

    public override BootPlan Uninstall(BootFacts facts) => new(facts.Service, NeedsRoot: true,
    [
        new BootStep.Remove(LinkPath(facts)),
        new BootStep.Remove($"{Folder(facts)}/control/h"),
        new BootStep.Remove(MainFile(facts)),
    ]);

    private static string Folder(BootFacts facts) => $"/etc/sv/{facts.Service}";

    private static string LinkPath(BootFacts facts) => $"/etc/runit/runsvdir/default/{facts.Service}";

    private static string Exports(BootFacts facts) =>
        string.Join('\n', facts.Environment.Append(("HOME", facts.UserHome)).Select(variable => $"export {variable.Item1}={Sh(variable.Item2)}"));
}
