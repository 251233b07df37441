using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Verbs;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>For verbs that need names only: a config file, or one on stdin, stands for the apps in it that the daemon knows.</summary>
internal static class KnownWords
{
    /// <exception cref="CommandException">Exit 1: the daemon knows none of the file's apps. Exit 5: the file is wrong.</exception>
    public static async Task<string[]> OfAsync(Invocation call, IDaemonService daemon, string[] typed)
    {
        if (!typed.Any(Targets.IsFile))
            return [.. typed.Select(word => Targets.AsKnown(word, call.Shell))];
        var targets = await Targets.ReadAsync(typed, FleetVerb.Context(call), call.Shell, call.Cancellation);
        var fleet = await daemon.ListAsync(new ListCommand(), call.Cancellation);
        string[] words = [.. targets.Words.Select(word => Targets.AsKnown(word, call.Shell)), .. targets.Apps.Where(fleet.Runs).Select(app => app.Spec.Name.Value)];
        return words.Length > 0
            ? words
            : throw new CommandException(ExitCode.Failed, $"none of the apps in {Screen.Safe(string.Join(", ", typed))} is known to the daemon, so there is nothing to {call.Verb}");
    }
}
