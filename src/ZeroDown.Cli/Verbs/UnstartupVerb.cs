using ZeroDown.Cli.Boot;
using ZeroDown.Cli.Terminal;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd unstartup</c>: nothing starts with the machine any more. What runs goes on.</summary>
internal sealed class UnstartupVerb : BootVerb
{
    public override string Name => "unstartup";

    public override string Summary => "takes back what startup did; what runs goes on";

    public override string[] Examples => ["zd unstartup", "zd unstartup --dry-run"];

    protected override BootPlan Plan(BootSystem system, BootFacts facts) => system.Uninstall(facts);

    protected override void Finish(Screen screen, BootFacts facts) => screen.Say("Nothing of zd starts with the machine any more. What runs now goes on.");
}
