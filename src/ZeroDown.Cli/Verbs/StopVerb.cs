using System.CommandLine;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd stop</c>: drains and stops; the app stays in the list.</summary>
internal sealed class StopVerb : NamedVerb
{
    public override string Name => "stop";

    public override string Summary => "lets workers finish what they hold, and stops them";

    public override string[] Examples =>
    [
        "zd stop api          api stays in the list; zd start api starts it again",
        "zd stop all",
        "zd stop /^worker-/   all whose names match",
    ];

    public override void Declare(Command command)
    {
        base.Declare(command);
        command.Options.Add(new Option<bool>("--watch") { Description = "changed files no longer mean anything to it" });
    }

    protected override async Task<CommandReply?> BeforeAsync(IDaemonService daemon, string[] words, Invocation call) =>
        call.Parsed.GetValue<bool>("--watch") ? await daemon.WatchAsync(new WatchCommand { Targets = words, On = false }, call.Cancellation) : null;

    protected override Task<CommandReply> AskAsync(IDaemonService daemon, FleetCommand command, CancellationToken cancellation) =>
        daemon.StopAsync(command, cancellation);
}
