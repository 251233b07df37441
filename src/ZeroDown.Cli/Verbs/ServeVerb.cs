using System.CommandLine;
using System.Globalization;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd serve</c>: a folder as an app, served by <c>zd</c> itself. The socket is the daemon's, so it rolls like any other.</summary>
internal sealed class ServeVerb : FleetVerb
{
    private readonly AppFlags _flags = new();

    public override string Name => "serve";

    public override string[] Aliases => ["expose"];

    public override string Summary => "serves a folder of files over HTTP";

    public override string[] Examples =>
    [
        "zd serve                        this folder, on port 8080 of all interfaces",
        "zd serve dist 3000 --spa        what is not there is answered with index.html",
        "zd serve . 8080 --ftp           folders without an index.html are listed",
        "zd serve dist --host 127.0.0.1 -i 2 --name site",
    ];

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string?>("folder") { Arity = ArgumentArity.ZeroOrOne, Description = "default: this one" });
        command.Arguments.Add(new Argument<int?>("port") { Arity = ArgumentArity.ZeroOrOne, Description = "default: 8080" });
        command.Options.Add(new Option<int?>("--port") { Description = "the same", HelpName = "PORT" });
        command.Options.Add(new Option<string?>("--host") { Description = "default: 0.0.0.0", HelpName = "ADDRESS" });
        command.Options.Add(new Option<bool>("--spa") { Description = "index.html answers for every path that is not there" });
        command.Options.Add(new Option<bool>("--ftp") { Description = "list folders" });
        command.Options.Add(new Option<string?>("--basic-auth-username") { Description = "ask for a name and a password", HelpName = "NAME" });
        command.Options.Add(new Option<string?>("--basic-auth-password") { HelpName = "PASSWORD" });
        command.Options.Add(new Option<string?>("--monitor") { Arity = ArgumentArity.ZeroOrOne, Hidden = true });
        _flags.Declare(command);
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var context = Context(call) with { Only = [] };
        var result = EcosystemFile.FromSite(Site(call), _flags.Given(call.Parsed), context);
        Targets.ThrowIfInvalid(Targets.Report(result, call.Shell.Screen));
        var board = Board(call);
        await using var running = await call.Door.FindAsync(board, call.Cancellation, starts: true);
        var fleet = running is null ? null : await running.Daemon.ListAsync(new ListCommand(), call.Cancellation);
        string[] what = [call.Parsed.GetValue<string?>("folder") ?? ".", .. call.Parsed.GetValue<int?>("port") is { } port ? [$"{port}"] : Array.Empty<string>()];
        KnownApp.Find(fleet, result.Apps[0].Spec.Name.Value)?.RefuseAsScript(result.Apps[0], what, call, call.Parsed.GetValue<bool>("--force"));
        var definitions = await SpecBuild.RunAsync(result.Apps, fleet, context, call.Shell, call.Cancellation);
        await using var started = running is null ? await call.Door.EnterAsync(board, call.Cancellation) : null;
        var connection = running ?? started!;
        var reply = await connection.Daemon.StartAsync(new FleetCommand { Apps = definitions }, call.Cancellation);
        if (reply.ExitCode == 0)
            call.Shell.Screen.Say($"Serving {Screen.Safe(definitions[0].Arguments[^1])} on {string.Join(", ", definitions[0].Listen.Select(listen => $"{listen.Host}:{listen.Port}"))}");
        return await FinishAsync(reply, connection, call);
    }

    private static StaticSite Site(Invocation call)
    {
        var (folder, port) = (call.Parsed.GetValue<string?>("folder"), call.Parsed.GetValue<int?>("port"));
        // pm2 tells them apart: zd serve 3000 is a port when no folder is called so.
        if (port is null && folder is not null && !Directory.Exists(Path.GetFullPath(folder, call.Shell.Context().CurrentDirectory))
            && int.TryParse(folder, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            (folder, port) = (null, number);
        }

        if ((port ?? call.Parsed.GetValue<int?>("--port")) is < 0 or > 65535)
            throw new CommandException(ExitCode.WrongUsage, "a port is a number from 1 to 65535");
        var (user, password) = (call.Parsed.GetValue<string?>("--basic-auth-username"), call.Parsed.GetValue<string?>("--basic-auth-password"));
        if (user is null != password is null)
            throw new CommandException(ExitCode.WrongUsage, "--basic-auth-username and --basic-auth-password belong together");
        var standard = new StaticSite();
        return standard with
        {
            Folder = Path.GetFullPath(folder ?? ".", call.Shell.Context().CurrentDirectory),
            Port = call.Parsed.GetValue<int?>("--port") ?? port ?? standard.Port,
            Host = call.Parsed.GetValue<string?>("--host"),
            SinglePage = call.Parsed.GetValue<bool>("--spa"),
            Listing = call.Parsed.GetValue<bool>("--ftp"),
            UserName = user,
            Password = password,
        };
    }
}
