using System.Globalization;
using System.Text;
using CliWrap;
using CliWrap.Exceptions;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Cli.Deploying;

/// <summary>One host of a target: its shell, by ssh; the shell of this machine when the host is called localhost, as in pm2.</summary>
/// <remarks>
/// Scripts have values in them that others must not see, and everybody on either machine sees a command line. So a script goes in by stdin, and the shell reads all of it before it
/// begins: what it starts finds stdin at its end.
/// </remarks>
internal sealed class DeployHost(DeployTarget target, string host, ReadContext context, Screen screen)
{
    private const string ThisMachine = "localhost";

    /// <summary>For the shell that the host gives us.</summary>
    private const string FromInput = "eval \"$(cat)\"";

    /// <summary>A terminal's input has no end, and it shows what it is given: there the script comes first, into a file that only its user can read.</summary>
    private const string IntoFile = "umask 077; f=$(mktemp \"${TMPDIR:-/tmp}/zd-deploy.XXXXXX\") && cat > \"$f\" && echo \"$f\"";

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

    public string Why(int code) => code == 255 && host != ThisMachine ? $"ssh could not reach it, or was not let in: {Screen.Safe(string.Join(' ', Words("", target.NeedsTerminal).SkipLast(1)))}" : $"exit code {code}";

    private async Task<int> ExecuteAsync(string script, PipeTarget output, string? input, CancellationToken cancellation)
    {
        if (input is not null)
            return await StartAsync(Words(script, target.NeedsTerminal), output, PipeSource.FromFile(input), cancellation);
        var text = PipeSource.FromBytes(Encoding.UTF8.GetBytes(script));
        if (!target.NeedsTerminal || host == ThisMachine)
            return await StartAsync(Words(FromInput, terminal: false), output, text, cancellation);

        var file = new StringBuilder();
        if (await StartAsync(Words(IntoFile, terminal: false), PipeTarget.ToStringBuilder(file), text, cancellation) is not 0 and var code)
            return code;
        return await StartAsync(Words($"f={DeployScripts.Quoted(file.ToString().Trim())}; s=$(cat \"$f\"); rm -f \"$f\"; eval \"$s\"", terminal: true), output, PipeSource.Null, cancellation);
    }

    private async Task<int> StartAsync(string[] words, PipeTarget output, PipeSource input, CancellationToken cancellation)
    {
        if (new SearchPath(context.Environment, context.CurrentDirectory).Find(words[0]) is not { } program)
            throw new CommandException(ExitCode.Failed, $"{words[0]} is not on PATH, and deploy works through it");
        try
        {
            var result = await CliWrap.Cli.Wrap(program).WithArguments(words[1..])
                .WithWorkingDirectory(context.CurrentDirectory)
                .WithStandardInputPipe(input)
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

    private string[] Words(string script, bool terminal)
    {
        if (host == ThisMachine)
            return ["sh", "-c", script];
        var key = target.Key is ['~', '/', .. var rest] && context.Environment.TryGetValue("HOME", out var home) ? Path.Combine(home, rest) : target.Key;
        return
        [
            "ssh",
            .. target.SshOptions.SelectMany(option => (string[])["-o", option]),
            .. terminal ? ["-tt"] : Array.Empty<string>(),
            .. target.ForwardAgent ? ["-A"] : Array.Empty<string>(),
            .. target.Port is { } port ? ["-p", port.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
            .. key is not null ? ["-i", key] : Array.Empty<string>(),
            target.User is null ? host : $"{target.User}@{host}",
            script,
        ];
    }

    private static PipeTarget Lines(Action<string> write) => PipeTarget.ToDelegate(line => write(Screen.Safe(line.TrimEnd('\r'))));
}
