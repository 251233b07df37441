using System.Globalization;
using System.Text;
using CliWrap;
using CliWrap.Exceptions;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Cli.Deploying;

/// <summary>One host of a target: its shell, by ssh; the shell of this machine when the host is called localhost, as in pm2.</summary>
internal sealed class DeployHost(DeployTarget target, string host, ReadContext context, Screen screen)
{
    private const string ThisMachine = "localhost";

    public string Name => host;

    /// <summary>What the step prints is progress.</summary>
    /// <exception cref="CommandException">It failed.</exception>
    public async Task RunAsync(string step, string script, CancellationToken cancellation, string? input = null)
    {
        screen.Say($"  {step}");
        if (await ExecuteAsync(script, Lines(text => screen.Say($"    {text}")), input, cancellation) is not 0 and var code)
            throw new CommandException(ExitCode.Failed, $"{Screen.Safe(step)} failed on {Screen.Safe(host)} ({Why(code)})");
    }

    /// <summary>What the script prints is the command's answer.</summary>
    /// <returns>The script's exit code.</returns>
    public Task<int> AnswerAsync(string script, CancellationToken cancellation) => ExecuteAsync(script, Lines(screen.Answer), null, cancellation);

    /// <summary>What the script prints; null when it failed.</summary>
    public async Task<string?> AskAsync(string script, CancellationToken cancellation)
    {
        var said = new StringBuilder();
        return await ExecuteAsync(script, PipeTarget.ToStringBuilder(said), null, cancellation) == 0 ? said.ToString().Trim() : null;
    }

    public string Why(int code) => code == 255 && host != ThisMachine ? $"ssh could not reach it, or was not let in: {Screen.Safe(string.Join(' ', Words("").SkipLast(1)))}" : $"exit code {code}";

    private async Task<int> ExecuteAsync(string script, PipeTarget output, string? input, CancellationToken cancellation)
    {
        var words = Words(script).ToArray();
        if (new SearchPath(context.Environment, context.CurrentDirectory).Find(words[0]) is not { } program)
            throw new CommandException(ExitCode.Failed, $"{words[0]} is not on PATH, and deploy works through it");
        try
        {
            var result = await CliWrap.Cli.Wrap(program).WithArguments(words[1..])
                .WithWorkingDirectory(context.CurrentDirectory)
                .WithStandardInputPipe(input is null ? PipeSource.Null : PipeSource.FromFile(input))
                .WithStandardOutputPipe(output)
                .WithStandardErrorPipe(Lines(text => screen.Say($"    {text}")))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(cancellation);
            return result.ExitCode;
        }
        catch (CliWrapException problem)
        {
            throw new CommandException(ExitCode.Failed, $"{program} could not be started: {Screen.Safe(problem.Message)}");
        }
    }

    private IEnumerable<string> Words(string script)
    {
        if (host == ThisMachine)
            return ["sh", "-c", script];
        var key = target.Key is ['~', '/', .. var rest] && context.Environment.TryGetValue("HOME", out var home) ? Path.Combine(home, rest) : target.Key;
        return
        [
            "ssh",
            .. target.SshOptions.SelectMany(option => (string[])["-o", option]),
            .. target.NeedsTerminal ? ["-tt"] : Array.Empty<string>(),
            .. target.ForwardAgent ? ["-A"] : Array.Empty<string>(),
            .. target.Port is { } port ? ["-p", port.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
            .. key is not null ? ["-i", key] : Array.Empty<string>(),
            target.User is null ? host : $"{target.User}@{host}",
            script,
        ];
    }

    private static PipeTarget Lines(Action<string> write) => PipeTarget.ToDelegate(line => write(Screen.Safe(line.TrimEnd('\r'))));
}
