using System.CommandLine;
using System.Text;
using ZeroDown.Cli.Pm2;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd import pm2</c>: what pm2 runs and has saved, as an ecosystem file. Nothing is started, and pm2 is left as it is.</summary>
internal sealed class ImportVerb : Verb
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public override string Name => "import";

    public override string Summary => "writes an ecosystem file of what pm2 runs and has saved";

    public override string[] Examples =>
    [
        "zd import pm2                      the file on stdout, what is to be known on stderr",
        "zd import pm2 -o ecosystem.yaml    into a file that is not there yet; --force replaces one",
        "PM2_HOME=/srv/.pm2 zd import pm2   of another pm2",
    ];

    public override void Declare(Command command)
    {
        var from = new Argument<string>("from") { Description = "pm2: its running list, and what `pm2 save` wrote (PM2_HOME, or ~/.pm2)" };
        from.AcceptOnlyFromAmong("pm2");
        command.Arguments.Add(from);
        command.Options.Add(new Option<string?>("--output", "-o") { Description = "write into this file", HelpName = "FILE" });
        command.Options.Add(new Option<bool>("--force", "-f") { Description = "also if the file exists" });
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var context = call.Shell.Context();
        var screen = call.Shell.Screen;
        var output = call.Parsed.GetValue<string?>("--output");
        var path = output is null ? null : Path.GetFullPath(output, context.CurrentDirectory);
        var force = call.Parsed.GetValue<bool>("--force");
        if (path is not null && !force && Path.Exists(path))
            throw new CommandException(ExitCode.Failed, $"{Screen.Safe(output!)} exists; --force replaces it");

        var home = new Pm2Home(context, screen);
        var running = await home.RunningAsync(call.Cancellation);
        var saved = home.Saved();
        if (running is null && saved is null)
            throw new CommandException(ExitCode.Failed, $"no pm2 runs in {Screen.Safe(home.Folder)}, and it has saved nothing there (dump.pm2); PM2_HOME names another folder");
        var import = Pm2Import.Of(running ?? [], saved ?? [], home.Folder, context);
        if (import.Apps == 0)
            throw new CommandException(ExitCode.Failed, string.Join("; ", ["pm2 has no app that could be carried over", .. import.Notes]));

        if (path is null)
            screen.Out.Write(import.Yaml);
        else
            Write(path, import.Yaml, force);
        foreach (var note in import.Notes)
            screen.Warn(note);
        Check(import.Yaml, path ?? Path.Combine(context.CurrentDirectory, "ecosystem.yaml"), context, screen);
        if (output is not null)
            screen.Say($"{Screen.Safe(output)}: {(import.Apps == 1 ? "1 app" : $"{import.Apps} apps")}. Read it, then: pm2 kill && zd start {Screen.Safe(output)}");
        return ExitCode.Done;
    }

    /// <summary>The file may hold secrets of the apps, so it is its owner's alone. It appears whole or not at all.</summary>
    private static void Write(string path, string text, bool force)
    {
        var beside = $"{path}.{Environment.ProcessId}.new";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly;
            using (var file = new StreamWriter(beside, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), options))
                file.Write(text);
            File.Move(beside, path, force);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(beside))
                File.Delete(beside);
            throw new CommandException(ExitCode.Failed, $"{Screen.Safe(path)} cannot be written: {(e is DirectoryNotFoundException ? "its folder does not exist" : Screen.Safe(e.Message))}");
        }
    }

    /// <summary>What a start would say; a script may be missing here because the list came from another machine.</summary>
    private static void Check(string yaml, string path, ReadContext context, Screen screen)
    {
        var diagnostics = EcosystemFile.Parse(yaml, path, context).Diagnostics;
        if (diagnostics.Any(d => d.Severity == Severity.Error))
            screen.Warn("zd start would not take it as it is:");
        foreach (var diagnostic in diagnostics)
            screen.Say(diagnostic.ToString());
    }
}
