using ZeroDown.Cli.Boot;
using ZeroDown.Cli.Terminal;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd startup</c>: the saved apps start with the machine. As pm2, it changes nothing about what runs now.</summary>
internal sealed class StartupVerb : BootVerb
{
    public override string Name => "startup";

    public override string Summary => "lets the saved apps start with the machine (systemd, launchd, OpenRC, runit)";

    public override string[] Examples =>
    [
        "zd startup              prints the sudo line to copy, or installs the unit when you are root",
        "zd startup --dry-run    the files and commands, and nothing is touched",
        "zd startup systemd-user without root: a unit of your own",
    ];

    protected override BootPlan Plan(BootSystem system, BootFacts facts) => system.Install(facts);

    protected override void Finish(Screen screen, BootFacts facts)
    {
        var home = new Protocol.HomeFolder(facts.ZdHome);
        screen.Say($"From the next boot on, the apps that `zd save` has saved are started. {(File.Exists(home.Dump) ? "" : "Nothing is saved yet: zd save. ")}What runs now goes on as it is.");
    }
}
