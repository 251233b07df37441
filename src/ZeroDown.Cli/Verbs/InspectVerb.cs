using System.CommandLine;
using System.Globalization;
using ZeroDown.Cli.Inspecting;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd inspect</c>: opens Node's inspector in a worker that runs, and says where it is.</summary>
internal sealed class InspectVerb : Verb
{
    public override string Name => "inspect";

    public override string Summary => "opens Node's inspector in a worker, and prints its address";

    public override string[] Examples => ["zd inspect api      in the first of its workers", "zd inspect 3        in the one with this id"];

    public override void Declare(Command command) =>
        command.Arguments.Add(new Argument<string>("worker") { Description = "a worker's id, or an app's name: the first of its workers" });

    public override async Task<int> RunAsync(Invocation call)
    {
        var fleet = await KnownWorkers.FindAsync(call, [call.Parsed.GetValue<string>("worker")!]);
        var found = fleet.Apps.Where(app => app.Definition.Interpreter is "node" or "nodejs" || Path.GetFileName(app.Definition.Program) is "node" or "nodejs")
            .SelectMany(app => app.Slots.Select(slot => (app.Definition.Name, Slot: slot)))
            .Where(one => one.Slot is { Status: "online", Worker.Pid: > 0 }).OrderBy(one => one.Slot.PmId).ToArray();
        if (found.Length == 0)
            throw new CommandException(ExitCode.Failed, "no worker of Node's is online there; the inspector is a part of Node");
        var (name, slot) = found[0];
        if (found.Length > 1)
            call.Shell.Screen.Say($"of {found.Length} workers this is the one with id {slot.PmId}; the others: zd inspect ID");

        var inspector = new NodeInspector(slot.Worker!.Pid);
        if (await inspector.FindOpenAsync(call.Cancellation) is not { } url)
        {
            await using var connection = await call.Door.RequireAsync(call.Verb, new ProgressBoard(call.Shell.Screen), call.Cancellation);
            var reply = await connection.Daemon.SignalAsync(
                new SignalCommand { Targets = [slot.PmId.ToString(CultureInfo.InvariantCulture)], Signal = "SIGUSR1" }, call.Cancellation);
            if (reply.ExitCode != 0)
                throw new CommandException(ExitCode.Failed, Screen.Safe(string.Join("; ", reply.Errors.Concat(reply.Apps.Select(app => app.Message)))));
            url = await inspector.WaitAsync(call.Cancellation)
                ?? throw new CommandException(ExitCode.Failed, $"pid {slot.Worker.Pid} was asked with SIGUSR1 and opens no inspector: the program may take the signal for itself, or another process has the port; zd logs {Screen.Safe(name)} --err");
        }

        call.Shell.Screen.Answer(Screen.Safe(url));
        call.Shell.Screen.Say($"inspector of {Screen.Safe(name)}:{slot.PmId} (pid {slot.Worker.Pid}): open chrome://inspect. It stays open until the worker is replaced: zd reload {Screen.Safe(name)}");
        return ExitCode.Done;
    }
}
