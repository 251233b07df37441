using System.CommandLine;
using System.Globalization;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Deploying;
using ZeroDown.Cli.Evaluation;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd deploy</c>: pm2's way to bring a repository to hosts over ssh, with the file's <c>deploy</c> part. It needs ssh here and git there.</summary>
internal sealed class DeployVerb : Verb
{
    private static readonly string[] Commands = ["setup", "update", "revert", "current", "curr", "previous", "prev", "exec", "run", "list", "ref"];

    public override string Name => "deploy";

    public override string Summary => "brings a repository to hosts over ssh, as the file's 'deploy' says";

    public override string[] Examples =>
    [
        "zd deploy production setup               once per host: folders and a clone",
        "zd deploy production                     fetch, reset, post-deploy; the file is that of this folder",
        "zd deploy eco.config.js production ref v1.4   a tag, a commit, another branch",
        "zd deploy production revert 1            to the deployment before",
        "zd deploy production list                what was deployed; also: current, previous",
        "zd deploy production exec \"zd reload all\"  a command in the hosts' folder",
    ];

    public override bool TakesForeignArguments => true;

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string[]>("words")
        {
            Arity = ArgumentArity.OneOrMore,
            HelpName = "[file] environment [command]",
            Description = "an ecosystem file, one of its environments, and setup, update (the default), revert [n], current, previous, list, exec COMMAND or ref REF",
        });
        command.Options.Add(new Option<bool>("--force", "-f") { Description = "also when this folder has changes that are not pushed" });
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var context = call.Shell.Context();
        string[] words = [.. call.Parsed.GetValue<string[]>("words") ?? [], .. call.ForeignArguments];
        var file = EcosystemFile.IsOne(words[0]) ? words[0] : FileOf(context);
        if (words[0] == file)
            words = words[1..];
        if (words is not [var environment, .. var command])
            throw new CommandException(ExitCode.WrongUsage, "name the environment: zd deploy production; see zd deploy --help");

        var target = await TargetAsync(file, environment, context, call);
        if (target.PostDeploy is null)
            target = target with { PostDeploy = $"zd start-or-reload {DeployScripts.Quoted(Path.GetFileName(file))} --env {DeployScripts.Quoted(environment)}" };
        return await RunAsync(new Deployment(target, context, call.Shell.Screen, call.Cancellation), command, call.Parsed.GetValue<bool>("--force"));
    }

    private static Task<int> RunAsync(Deployment deployment, string[] command, bool force) => command switch
    {
        [] or ["update"] => deployment.UpdateAsync(null, force),
        ["setup"] => deployment.SetUpAsync(),
        ["ref", _] or ["ref", _, _] => deployment.UpdateAsync(NoFlag(command[1]), force),
        ["revert"] => deployment.RevertAsync(1),
        ["revert", var back] when int.TryParse(back, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and < 100_000 => deployment.RevertAsync(count),
        ["current" or "curr"] => deployment.SayAsync(scripts => scripts.Current),
        ["previous" or "prev"] => deployment.SayPreviousAsync(),
        ["list"] => deployment.SayAsync(scripts => scripts.List),
        ["exec" or "run", _, ..] => deployment.SayAsync(scripts => scripts.Run(string.Join(' ', command[1..]))),
        [var commit] when !Commands.Contains(commit) => deployment.UpdateAsync(NoFlag(commit), force),
        _ => throw new CommandException(ExitCode.WrongUsage, $"'{Screen.Safe(string.Join(' ', command))}' is no command of deploy; {Nearest.Hint(command[0], Commands.Where(known => known != command[0])) ?? "see zd deploy --help"}"),
    };

    private static string NoFlag(string commit) =>
        commit.StartsWith('-') ? throw new CommandException(ExitCode.WrongUsage, $"'{Screen.Safe(commit)}' is no commit, tag or branch") : commit;

    private static string FileOf(ReadContext context) => EcosystemFile.FindIn(context.CurrentDirectory) is { } found
        ? Path.GetFileName(found)
        : throw new CommandException(
            ExitCode.Failed, $"there is no {string.Join(", ", EcosystemFile.DefaultNames)} in {Screen.Safe(context.CurrentDirectory)}; name the file: zd deploy FILE ENVIRONMENT");

    private static async Task<DeployTarget> TargetAsync(string file, string environment, ReadContext context, Invocation call)
    {
        var node = new NodeEvaluation(context, call.Shell.Screen, call.Shell.Words);
        var result = await DeployFile.ReadAsync(file, environment, context, node.RunAsync, call.Cancellation);
        Targets.ThrowIfInvalid(Targets.Report(new ConfigResult([], result.Diagnostics), call.Shell.Screen));
        if (result.Target is { } target)
            return target;
        var hint = result.Known.IsEmpty ? "it has no 'deploy'" : Nearest.Hint(environment, result.Known) ?? $"it has {string.Join(", ", result.Known)}";
        throw new CommandException(ExitCode.Failed, $"{Screen.Safe(file)} has no environment '{Screen.Safe(environment)}' in 'deploy'; {Screen.Safe(hint)}");
    }
}
