using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// <c>zd attach</c>: what a worker prints from now on, and its stdin for what is typed. The end of our own input, or Ctrl-C,
/// ends the looking on; the worker does not notice.
/// </summary>
internal sealed class AttachVerb : Verb
{
    public override string Name => "attach";

    public override string Summary => "shows what a worker prints, and sends it what you type";

    public override string[] Examples => ["zd attach 0     Ctrl-C or Ctrl-D leaves; the worker goes on"];

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string>("id") { Description = "a worker's id, or the name of an app with one worker" });
        command.Arguments.Add(new Argument<string>("separator")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "what ends each line instead of a new line",
            DefaultValueFactory = _ => "\n",
        });
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var target = call.Parsed.GetValue<string>("id")!;
        var fleet = await KnownWorkers.FindAsync(call, [target]);
        if (fleet.Slots().ToArray() is not [var slot])
        {
            var ids = string.Join(", ", fleet.Slots().Select(known => known.PmId));
            throw new CommandException(ExitCode.Failed, $"'{Screen.Safe(target)}' has several workers; name the id of one: {ids}");
        }

        using var leaving = call.UntilReaderGone();
        var printer = new LogPrinter(call.Shell.Screen, new LogLook { Style = LogStyle.Raw });
        await using var connection = await call.Door.RequireAsync(call.Verb, printer, call.Cancellation);
        var id = slot.PmId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var following = connection.Daemon.LogsAsync(new LogsCommand { Targets = [id], Lines = 0, Follow = true }, leaving.Token);
        var sending = SendAsync(call, connection, id, leaving.Token);
        try
        {
            await await Task.WhenAny(following, sending);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is the ordinary end.
        }

        return ExitCode.Done;
    }

    private static async Task SendAsync(Invocation call, LastingConnection connection, string id, CancellationToken cancellation)
    {
        var input = call.Shell.In();
        // Reading a terminal cannot be taken back, so it happens elsewhere.
        while (await Task.Run(input.ReadLine, cancellation).WaitAsync(cancellation) is { } line)
        {
            var command = new SendLineCommand { Target = id, Line = line, End = call.Parsed.GetValue<string>("separator")! };
            foreach (var error in (await connection.Daemon.SendLineAsync(command, cancellation)).Errors)
                call.Shell.Screen.Fail(Screen.Safe(error));
        }
    }
}
