using System.Text;
using CliWrap;
using CliWrap.Exceptions;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Cli.Evaluation;

/// <summary>
/// A config file that only node can read is evaluated by the user's own node, here in the CLI and never in the daemon. Its value comes back
/// over a descriptor of its own, so that whatever the file prints is the user's to read and cannot be taken for the answer. A file
/// that never ends, or that makes more than a config can be, is stopped together with everything it has started.
/// </summary>
/// <param name="context">The user's shell: PATH, variables and folder are what the file sees.</param>
/// <param name="screen">Gets what the file prints.</param>
/// <param name="words">What was typed behind <c>zd</c>; the file finds it in <c>process.argv</c>, as with pm2.</param>
internal sealed class NodeEvaluation(ReadContext context, Screen screen, IReadOnlyList<string> words)
{
    public const string NodeNeeded = "node 18 or newer";

    private const int MostBytes = 4 << 20;

    private static readonly Lazy<string> Program = new(() =>
    {
        using var stream = typeof(NodeEvaluation).Assembly.GetManifestResourceStream("evaluate.cjs")!;
        return new StreamReader(stream).ReadToEnd();
    });

    /// <summary>Tests do not wait for it.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <exception cref="OperationCanceledException">Ctrl-C; nothing that the file started is left.</exception>
    public async Task<EvaluatedFile> RunAsync(string path, string? expression, CancellationToken cancellation)
    {
        if (EcosystemFile.NodeOf(context) is not { } node)
        {
            var search = new SearchPath(context.Environment, context.CurrentDirectory);
            return new EvaluatedFile.Failed($"a {Path.GetExtension(path)} file needs {NodeNeeded}, and there is no node on PATH", $"install it, or write the same keys into ecosystem.yaml; looked in {search}");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeLimit);
        var answer = new MemoryStream();
        var tooLarge = false;

        // sh turns the descriptors around, because a child of .NET has three: the pipe that is its stdout becomes node's fd 3.
        var command = CliWrap.Cli.Wrap("/bin/sh")
            .WithArguments(["-c", "exec \"$@\" 3>&1 1>&2", "sh", node, "--input-type=commonjs", "-e", Program.Value, "--", expression is null ? "program" : "expression", path, .. words])
            .WithStandardInputPipe(expression is null ? PipeSource.Null : PipeSource.FromString(expression))
            .WithWorkingDirectory(context.CurrentDirectory)
            .WithEnvironmentVariables(context.Environment.ToDictionary(v => v.Key, string? (v) => v.Value))
            .WithStandardOutputPipe(PipeTarget.Create(async (stream, stop) =>
            {
                var chunk = new byte[16 * 1024];
                for (int read; (read = await stream.ReadAsync(chunk, stop)) > 0;)
                {
                    answer.Write(chunk, 0, read);
                    if (answer.Length > MostBytes)
                    {
                        tooLarge = true;
                        await limit.CancelAsync();
                    }
                }
            }))
            .WithStandardErrorPipe(PipeTarget.Create(new PrintedText(screen).CopyAsync))
            .WithValidation(CommandResultValidation.None);
        int exitCode;
        try
        {
            exitCode = (await command.ExecuteAsync(limit.Token)).ExitCode;
        }
        catch (OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            return tooLarge
                ? new EvaluatedFile.Failed("what it exports is too large")
                : new EvaluatedFile.Failed($"it did not end within {TimeLimit.TotalSeconds:0.#} s and was stopped", "a config file is run by every command that names it; let what takes long write an ecosystem.json instead");
        }
        catch (CliWrapException e)
        {
            return new EvaluatedFile.Failed($"{node} could not be started: {e.Message}");
        }

        return NodeAnswer.Read(Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length), node, path)
            ?? await Silent(node, exitCode, cancellation);
    }

    /// <summary>Nothing came back: the node is too old to read our program, or something ended it.</summary>
    private static async Task<EvaluatedFile> Silent(string node, int exitCode, CancellationToken cancellation)
    {
        var said = new StringBuilder();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            await CliWrap.Cli.Wrap(node).WithArguments("--version")
                .WithStandardOutputPipe(PipeTarget.ToStringBuilder(said)).WithValidation(CommandResultValidation.None).ExecuteAsync(limit.Token);
        }
        catch (Exception e) when (e is CliWrapException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        var version = said.ToString().Trim();
        if (version.StartsWith('v') && int.TryParse(version.AsSpan(1, Math.Max(0, version.IndexOf('.') - 1)), out var major) && major < 18)
            return NodeAnswer.TooOld(node, version);
        return new EvaluatedFile.Failed($"{node} ended with exit code {exitCode} and without an answer", version.Length > 0 ? $"it calls itself {version}; {NodeNeeded} is needed" : $"is it node? {NodeNeeded} is needed");
    }
}
