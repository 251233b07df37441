using CliWrap;
using CliWrap.Buffered;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Cli.Deploying;

/// <summary>The commands of <c>zd deploy</c>, host by host in the order of the file. One that fails ends the run, and is named with those that were not reached.</summary>
internal sealed class Deployment(DeployTarget target, ReadContext context, Screen screen, CancellationToken cancellation)
{
    private readonly DeployScripts _scripts = new(target);

    public Task<int> SetUpAsync() => OnEachAsync(async host =>
    {
        if (target.PreSetup is { } before)
            await PreSetupAsync(host, before);
        await host.RunAsync("making folders", _scripts.Folders, cancellation);
        await host.RunAsync($"cloning {Screen.Safe(target.Repository)}", _scripts.Clone, cancellation);
        await host.RunAsync("linking current", _scripts.Link, cancellation);
        if (target.PostSetup is { } after)
            await host.RunAsync($"post-setup: {Screen.Safe(after)}", _scripts.Hook(after), cancellation);
        screen.Answer($"{Screen.Safe(host.Name)} is set up; the first deployment: zd deploy {Screen.Safe(target.Name)}");
    });

    /// <param name="commit">What to bring; null: what the file says.</param>
    /// <param name="force">What is not committed or not pushed here does not matter.</param>
    public async Task<int> UpdateAsync(string? commit, bool force)
    {
        if (!force)
            await RefuseWhatIsNotPushedAsync();
        await PreDeployLocalAsync();
        return await OnEachAsync(host => BringAsync(host, commit ?? target.Ref));
    }

    public async Task<int> RevertAsync(int back)
    {
        await PreDeployLocalAsync();
        return await OnEachAsync(async host =>
        {
            await BringAsync(host, await DeployedAsync(host, back + 1));
        });
    }

    public Task<int> SayPreviousAsync() => OnEachAsync(async host => screen.Answer(Screen.Safe(await DeployedAsync(host, 2))));

    public Task<int> SayAsync(Func<DeployScripts, string> script) => OnEachAsync(async host =>
    {
        if (target.Hosts.Length > 1)
            screen.Say($"{Screen.Safe(host.Name)}:");
        if (await host.AnswerAsync(script(_scripts), cancellation) is not 0 and var code)
            throw new CommandException(ExitCode.Failed, $"the command failed on {Screen.Safe(host.Name)} ({host.Why(code)})");
    });

    private async Task<string> DeployedAsync(DeployHost host, int nth) =>
        await host.AskAsync(_scripts.Deployed(nth), cancellation) is { Length: > 0 } commit
            ? commit
            : throw new CommandException(ExitCode.Failed, $"{Screen.Safe(host.Name)} cannot be asked, or has not been deployed to {nth} times: zd deploy {Screen.Safe(target.Name)} list");

    private async Task BringAsync(DeployHost host, string commit)
    {
        if (target.PreDeploy is { } before)
            await host.RunAsync($"pre-deploy: {Screen.Safe(before)}", _scripts.Hook(before), cancellation);
        await host.RunAsync("fetching", _scripts.Fetch, cancellation);
        await host.RunAsync($"resetting to {Screen.Safe(commit)}", _scripts.Reset(commit), cancellation);
        if (target.PostDeploy is { } after)
        {
            try
            {
                await host.RunAsync($"post-deploy: {Screen.Safe(after)}", _scripts.Hook(after, withEnvironment: true), cancellation);
            }
            catch (CommandException failed)
            {
                throw new CommandException(failed.ExitCode, $"{failed.Message}; the files there are those of {Screen.Safe(commit)} already. Back: zd deploy {Screen.Safe(target.Name)} revert 1");
            }
        }

        screen.Answer($"{Screen.Safe(host.Name)} has {Screen.Safe(commit)}");
    }

    private async Task PreSetupAsync(DeployHost host, string command)
    {
        // pm2: a file of this machine is a script for the host, its further words are the script's arguments.
        var (file, arguments) = command.Split(' ', 2) is [var first, .. var rest] ? (Path.GetFullPath(first, context.CurrentDirectory), rest) : ("", []);
        if (File.Exists(file))
            await host.RunAsync($"pre-setup: {Screen.Safe(command)}", $"bash -s -- {string.Join(' ', arguments)}", cancellation, input: file);
        else
            await host.RunAsync($"pre-setup: {Screen.Safe(command)}", command, cancellation);
    }

    private async Task PreDeployLocalAsync()
    {
        if (target.PreDeployLocal is { } command)
            await new DeployHost(target, "localhost", context, screen).RunAsync($"pre-deploy-local: {Screen.Safe(command)}", command, cancellation);
    }

    /// <summary>The host fetches from the repository, so what is only here would silently not be deployed.</summary>
    private async Task RefuseWhatIsNotPushedAsync()
    {
        if ((await GitAsync("rev-parse", "--is-inside-work-tree")).ExitCode != 0)
            return;
        var what = (await GitAsync("diff", "--quiet", "HEAD")).ExitCode != 0 ? "commit or stash your changes"
            : (await GitAsync("rev-list", "@{upstream}..", "-n", "1")).StandardOutput.Trim().Length > 0 ? "push your commits"
            : null;
        if (what is not null)
            throw new CommandException(ExitCode.Failed, $"{what} before deploying, because the hosts fetch from the repository; --force deploys what is there");
    }

    private async Task<BufferedCommandResult> GitAsync(params string[] words) =>
        await CliWrap.Cli.Wrap("git").WithArguments(words).WithWorkingDirectory(context.CurrentDirectory)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellation);

    private async Task<int> OnEachAsync(Func<DeployHost, Task> act)
    {
        for (var at = 0; at < target.Hosts.Length; at++)
        {
            try
            {
                await act(new DeployHost(target, target.Hosts[at], context, screen));
            }
            catch (CommandException failed) when (at + 1 < target.Hosts.Length)
            {
                throw new CommandException(failed.ExitCode, $"{failed.Message}. Not touched: {Screen.Safe(string.Join(", ", target.Hosts[(at + 1)..]))}");
            }
            catch (OperationCanceledException)
            {
                throw new CommandException(ExitCode.Interrupted, $"interrupted on {Screen.Safe(target.Hosts[at])}; what it was doing there may go on or be half done");
            }
        }

        return ExitCode.Done;
    }
}
