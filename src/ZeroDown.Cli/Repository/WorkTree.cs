using System.ComponentModel;
using CliWrap;
using CliWrap.Buffered;
using ZeroDown.Cli.Terminal;

namespace ZeroDown.Cli.Repository;

/// <summary>The git working tree that an app runs from. Whatever is moved, changes that nobody has committed are never overwritten: git refuses.</summary>
internal sealed class WorkTree
{
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private WorkTree(string folder, Screen screen, CancellationToken cancellation) => (Folder, _screen, _cancellation) = (folder, screen, cancellation);

    public string Folder { get; }

    /// <exception cref="CommandException">There is none, or no git.</exception>
    public static async Task<WorkTree> OfAsync(string app, string workingDirectory, Screen screen, CancellationToken cancellation)
    {
        var here = new WorkTree(workingDirectory, screen, cancellation);
        return await here.AskAsync("rev-parse", "--show-toplevel") is { Length: > 0 } top
            ? new WorkTree(top, screen, cancellation)
            : throw new CommandException(ExitCode.Failed, await here.IsRefusedAsync()
                ? $"{Screen.Safe(app)} runs in {Screen.Safe(workingDirectory)}, and git works only for the owner of the whole working tree; chown it, or see `git help config`, safe.directory"
                : $"{Screen.Safe(app)} runs in {Screen.Safe(workingDirectory)}, which is in no git working tree");
    }

    /// <summary>Short.</summary>
    public async Task<string> CommitAsync() =>
        await AskAsync("rev-parse", "--short", "HEAD") ?? throw new CommandException(ExitCode.Failed, $"{Screen.Safe(Folder)} has no commit yet");

    /// <summary>To the newest commit of the branch it follows, or to one that is named.</summary>
    public async Task PullAsync(string? commit)
    {
        if (commit is null)
        {
            await DoAsync("pull", "--ff-only");
            return;
        }

        await DoAsync("fetch", "--all", "--tags");
        await DoAsync("reset", "--keep", commit);
    }

    public async Task BackwardAsync()
    {
        if (await AskAsync("rev-parse", "--verify", "--quiet", "HEAD^") is not { } before)
            throw new CommandException(ExitCode.Failed, $"{Screen.Safe(Folder)} is at its first commit; there is nothing before it");
        await DoAsync("reset", "--keep", before);
    }

    /// <summary>One commit nearer to the newest one, as far as it has been fetched.</summary>
    public async Task ForwardAsync()
    {
        if (await AskAsync("rev-list", "--reverse", "--first-parent", "--ancestry-path", "HEAD..@{upstream}") is not { } after)
            throw new CommandException(ExitCode.Failed, $"the branch in {Screen.Safe(Folder)} follows no other, so nobody knows what comes next; name the commit: zd pull APP COMMIT");
        if (after.Split('\n')[0] is { Length: > 0 } next)
            await DoAsync("reset", "--keep", next);
    }

    private async Task<bool> IsRefusedAsync() =>
        (await GitAsync(["rev-parse", "--show-toplevel"])).StandardError.Contains("safe.directory", StringComparison.Ordinal);

    private async Task DoAsync(params string[] words)
    {
        var result = await GitAsync(words);
        foreach (var line in (result.StandardOutput + result.StandardError).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _screen.Say($"  {Screen.Safe(line)}");
        if (result.ExitCode != 0)
            throw new CommandException(ExitCode.Failed, $"git {Screen.Safe(string.Join(' ', words))} failed in {Screen.Safe(Folder)}; nothing was reloaded");
    }

    private async Task<string?> AskAsync(params string[] words) =>
        await GitAsync(words) is { ExitCode: 0 } answer ? answer.StandardOutput.Trim() : null;

    private async Task<BufferedCommandResult> GitAsync(string[] words)
    {
        try
        {
            return await CliWrap.Cli.Wrap("git").WithArguments(words).WithWorkingDirectory(Folder).AsOwnerOf(Folder)
                .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(_cancellation);
        }
        catch (Win32Exception problem)
        {
            throw new CommandException(ExitCode.Failed, $"git cannot be started in {Screen.Safe(Folder)}: {Screen.Safe(problem.Message)}");
        }
    }
}
