using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>
/// An app that exists, beside a script that was typed and would get its name. The same word can be two programs: <c>npm</c>, <c>python3</c> and other
/// programs of PATH are told apart by the folder and the arguments, files by their path and the folder.
/// </summary>
internal sealed class KnownApp(AppView app)
{
    private string Name => app.Definition.Name;

    private bool Runs => app.Slots.Any(slot => slot.Status is not ("stopped" or "errored"));

    public static KnownApp? Find(FleetSnapshot? fleet, string name) =>
        fleet?.Apps.FirstOrDefault(app => app.Definition.Name == name) is { } app ? new KnownApp(app) : null;

    /// <summary>A word that is this app's name was typed with flags or arguments. It is the name, unless the script of that name is another program here.</summary>
    /// <exception cref="CommandException">Exit 1: it is.</exception>
    public void RefuseIfNameOf(ConfiguredApp script, string word, Verbs.Invocation call, bool force)
    {
        var typed = call.ForeignArguments.Count > 0;
        if (Difference(script, arguments: typed && !force) is { } difference)
            throw Another(script, [word], difference, call);
    }

    /// <summary>A script was typed whose app would have this app's name. As pm2: one that runs may be a mistake, and -f says that it is none.</summary>
    /// <exception cref="CommandException">Exit 1: it runs, or is another program.</exception>
    public void RefuseAsScript(ConfiguredApp script, string[] what, Verbs.Invocation call, bool force)
    {
        if (force && !(IsProgramOfPath && script.Spec.Launch.Script == app.Definition.Script))
            return;
        if (Difference(script, arguments: !force) is { } difference)
            throw Another(script, what, difference, call);
        if (Runs && !force)
            throw new CommandException(ExitCode.Failed, $"script already launched: {Screen.Safe(app.Definition.Script)} runs as '{Screen.Safe(Name)}'. `zd reload {Screen.Safe(Name)}` replaces it without a gap; -f does so with the flags as given");
    }

    private bool IsProgramOfPath => !app.Definition.Script.Contains('/');

    /// <summary>What tells the script from the app that is known; null where it is the same program.</summary>
    private string? Difference(ConfiguredApp script, bool arguments)
    {
        var (known, launch) = (app.Definition, script.Spec.Launch);
        if (launch.Script != known.Script)
            return $"with another script ({Screen.Safe(known.Script)})";
        if (launch.WorkingDirectory != known.WorkingDirectory)
            return $"in another folder ({Screen.Safe(known.WorkingDirectory)})";
        return arguments && IsProgramOfPath && !launch.ScriptArguments.Items.SequenceEqual(known.ScriptArguments)
            ? known.ScriptArguments.Length == 0 ? "without arguments" : $"with other arguments ({Screen.Safe(string.Join(' ', known.ScriptArguments))})"
            : null;
    }

    private CommandException Another(ConfiguredApp script, string[] what, string difference, Verbs.Invocation call)
    {
        var name = Screen.Safe(Name);
        string[] arguments = call.ForeignArguments.Count > 0 ? ["--", .. call.ForeignArguments] : [];
        var beside = ShellWords.Of(["zd", call.Verb, .. what, "--name", Beside(script), .. arguments]);
        var sameFolder = script.Spec.Launch.Script == app.Definition.Script && script.Spec.Launch.WorkingDirectory == app.Definition.WorkingDirectory;
        var there = ShellWords.Of(["zd", Runs ? "reload" : "restart", Name, .. sameFolder ? arguments : []]);
        return new CommandException(
            ExitCode.Failed,
            $"'{name}' {(Runs ? "runs already" : "exists already and is stopped")}, {difference}; nothing was touched.\n"
            + $"  To start this one beside it, with the flags that you want: {Screen.Safe(beside)}\n"
            + $"  To {(Runs ? "replace the workers of" : "start")} '{name}': {Screen.Safe(there)}");
    }

    /// <summary>A name that tells what is started from the app that is there.</summary>
    private string Beside(ConfiguredApp script)
    {
        var folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(script.Spec.Launch.WorkingDirectory));
        var plain = folder.Length is > 0 and <= 40 && folder.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        return plain && script.Spec.Launch.WorkingDirectory != app.Definition.WorkingDirectory ? $"{Name}-{folder}" : "NAME";
    }
}
