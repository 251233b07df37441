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
        "zd stop api --watch  and its files are not watched any more",
        "zd stop all",
        "zd stop /^worker-/   all whose names match",
    ];

    public override void Declare(Command command)
    {
        base.Declare(command);
        command.Options.Add(new Option<bool>("--watch") { Description = "changed files start it no more either" });
    }

    protected override async Task<CommandReply> AskAsync(IDaemonService daemon, Invocation call, FleetCommand command)
    {
        if (!call.Parsed.GetValue<bool>("--watch"))
            return await daemon.StopAsync(command, call.Cancellation);
        // First the watch: a file that changes meanwhile must not bring back what is being stopped.
        var unwatched = await daemon.WatchAsync(new WatchCommand { Targets = command.Targets, On = false }, call.Cancellation);
        return unwatched.ExitCode != 0 ? unwatched : await daemon.StopAsync(command, call.Cancellation);
    }
}
