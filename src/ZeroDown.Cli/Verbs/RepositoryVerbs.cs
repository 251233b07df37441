using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Repository;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// What pull, forward and backward share: git moves the files that an app runs from, its <c>post_update</c> runs there, and then the app is rolled. The old
/// workers serve until the new ones are ready, so a commit that does not start costs nothing.
/// </summary>
internal abstract class RepositoryVerb : FleetVerb
{
    public override void Declare(Command command) =>
        command.Arguments.Add(new Argument<string>("app") { Description = "a name, namespace or id; all apps of the same working tree are moved at once, those that are named are reloaded" });

    public override async Task<int> RunAsync(Invocation call)
    {
        var screen = call.Shell.Screen;
        await using var connection = await call.Door.RequireAsync(call.Verb, Board(call), call.Cancellation);
        var fleet = await connection.Daemon.ListAsync(new ListCommand { Targets = [call.Parsed.GetValue<string>("app")!] }, call.Cancellation);
        if (fleet.Errors.Length > 0)
            throw new CommandException(ExitCode.Failed, Screen.Safe(string.Join("; ", fleet.Errors)));
        var apps = fleet.Apps.Select(app => app.Definition).ToArray();
        if (Array.Find(apps, app => Path.GetExtension(app.Script) is ".csproj" or ".cs") is { } built)
            throw new CommandException(ExitCode.Failed, $"{Screen.Safe(built.Name)} is built from {Screen.Safe(Path.GetFileName(built.Script))}: run git, then `zd reload` with its file, which builds it");

        var moved = new List<string>();
        foreach (var tree in (await TreesAsync(apps, call)).DistinctBy(tree => tree.Folder))
        {
            var before = await tree.CommitAsync();
            await MoveAsync(tree, call);
            var after = await tree.CommitAsync();
            screen.Answer(before == after ? $"{Screen.Safe(tree.Folder)} stays at {before}" : $"{Screen.Safe(tree.Folder)} is at {after}, before at {before}");
            if (before != after)
                moved.Add(tree.Folder);
        }

        if (moved.Count == 0)
            return ExitCode.Done;
        foreach (var app in apps)
            await PostUpdate.RunAsync(app, screen, call.Cancellation);
        var reply = await connection.Daemon.ReloadAsync(
            new FleetCommand { Targets = [.. apps.Select(app => app.Name)], Changes = await ScriptVersions.FillInAsync(apps, call.Cancellation) }, call.Cancellation);
        if (reply.ExitCode == ExitCode.RollFailed)
            screen.Say("the files are the new ones, the workers that serve are the old ones; zd backward takes the files back");
        return await FinishAsync(reply, connection, call);
    }

    protected abstract Task MoveAsync(WorkTree tree, Invocation call);

    private static async Task<List<WorkTree>> TreesAsync(AppDefinition[] apps, Invocation call)
    {
        var trees = new List<WorkTree>();
        foreach (var app in apps)
            trees.Add(await WorkTree.OfAsync(app.Name, app.WorkingDirectory, call.Shell.Screen, call.Cancellation));
        return trees;
    }
}

/// <summary><c>zd pull</c>.</summary>
internal sealed class PullVerb : RepositoryVerb
{
    public override string Name => "pull";

    public override string Summary => "git pull where an app runs, its post_update, then a reload";

    public override string[] Examples => ["zd pull api", "zd pull api v1.4     to a tag or a commit"];

    public override void Declare(Command command)
    {
        base.Declare(command);
        command.Arguments.Add(new Argument<string?>("commit") { Arity = ArgumentArity.ZeroOrOne });
    }

    protected override Task MoveAsync(WorkTree tree, Invocation call) =>
        call.Parsed.GetValue<string?>("commit") is not { } commit ? tree.PullAsync(null)
        : commit.StartsWith('-') ? throw new CommandException(ExitCode.WrongUsage, $"'{Screen.Safe(commit)}' is no commit")
        : tree.PullAsync(commit);
}

/// <summary><c>zd backward</c>.</summary>
internal sealed class BackwardVerb : RepositoryVerb
{
    public override string Name => "backward";

    public override string Summary => "one commit back where an app runs, then as pull";

    public override string[] Examples => ["zd backward api"];

    protected override Task MoveAsync(WorkTree tree, Invocation call) => tree.BackwardAsync();
}

/// <summary><c>zd forward</c>.</summary>
internal sealed class ForwardVerb : RepositoryVerb
{
    public override string Name => "forward";

    public override string Summary => "one commit forward where an app runs, then as pull";

    public override string[] Examples => ["zd forward api"];

    protected override Task MoveAsync(WorkTree tree, Invocation call) => tree.ForwardAsync();
}
