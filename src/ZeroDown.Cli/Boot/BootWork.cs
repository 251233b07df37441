using System.ComponentModel;
using CliWrap;
using CliWrap.Buffered;
using ZeroDown.Cli.Terminal;

namespace ZeroDown.Cli.Boot;

/// <summary>Shows a plan, or does it, step by step.</summary>
internal sealed class BootWork(Screen screen, CancellationToken cancellation)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Prints what would be done, and touches nothing.</summary>
    public void Show(BootPlan plan)
    {
        foreach (var step in plan.Steps)
        {
            switch (step)
            {
                case BootStep.Write write:
                    screen.Answer($"# would write {Screen.Safe(write.Path)}{(write.Executable ? " (executable)" : "")}:");
                    screen.Answer(string.Join('\n', write.Text.TrimEnd('\n').Split('\n').Select(Screen.Safe)));
                    screen.Answer("");
                    break;
                case BootStep.Remove remove:
                    screen.Answer($"# would remove {Screen.Safe(remove.Path)}");
                    break;
                case BootStep.Link link:
                    screen.Answer($"# would link {Screen.Safe(link.Path)} -> {Screen.Safe(link.Target)}");
                    break;
                case BootStep.Run run:
                    screen.Answer($"# would run: {Screen.Safe(run.ToString())}");
                    break;
                default:
                    throw new InvalidOperationException($"a plan has a {step.GetType().Name}");
            }
        }
    }

    /// <exception cref="CommandException">Exit 1: a step failed, and the message says which and what is done so far.</exception>
    public async Task DoAsync(BootPlan plan)
    {
        foreach (var write in plan.Steps.OfType<BootStep.Write>())
            RefuseForeign(write.Path);
        foreach (var step in plan.Steps)
        {
            try
            {
                await DoAsync(step);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(ExitCode.Failed, $"{Screen.Safe(problem.Message)}; the steps before it are done, and running the same command again goes on");
            }
        }
    }

    private async Task DoAsync(BootStep step)
    {
        switch (step)
        {
            case BootStep.Write write:
                Directory.CreateDirectory(Path.GetDirectoryName(write.Path)!);
                Write(write);
                screen.Answer($"wrote {Screen.Safe(write.Path)}");
                break;
            case BootStep.Remove remove when new FileInfo(remove.Path) is var file && (file.Exists || file.LinkTarget is not null || new DirectoryInfo(remove.Path).LinkTarget is not null):
                if (file.LinkTarget is null && new DirectoryInfo(remove.Path).LinkTarget is null)
                    RefuseForeign(remove.Path);
                File.Delete(remove.Path);
                screen.Answer($"removed {Screen.Safe(remove.Path)}");
                break;
            case BootStep.Remove:
                break;
            case BootStep.Link link:
                Directory.CreateDirectory(Path.GetDirectoryName(link.Path)!);
                File.Delete(link.Path);
                File.CreateSymbolicLink(link.Path, link.Target);
                screen.Answer($"linked {Screen.Safe(link.Path)}");
                break;
            case BootStep.Run run:
                await RunAsync(run);
                break;
            default:
                throw new InvalidOperationException($"a plan has a {step.GetType().Name}");
        }
    }

    private async Task RunAsync(BootStep.Run run)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Patience);
        string? problem;
        try
        {
            var result = await CliWrap.Cli.Wrap(run.Program).WithArguments(run.Arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(late.Token);
            problem = result.ExitCode == 0 ? null : $"exit code {result.ExitCode}: {(result.StandardError + result.StandardOutput).Trim()}";
        }
        catch (Win32Exception missing)
        {
            problem = missing.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            problem = $"it did not end within {Patience.TotalSeconds} s";
        }

        if (problem is null)
            screen.Answer($"ran {Screen.Safe(run.ToString())}");
        else if (run.IfItFails is { } meaning)
            screen.Warn($"`{Screen.Safe(run.ToString())}` failed ({Screen.Safe(problem)}); {Screen.Safe(meaning)}");
        else
            throw new CommandException(ExitCode.Failed, $"`{Screen.Safe(run.ToString())}` failed ({Screen.Safe(problem)}); the steps before it are done, and running the same command again goes on");
    }

    private static void Write(BootStep.Write write)
    {
        File.WriteAllText(write.Path, write.Text);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
            File.SetUnixFileMode(write.Path, write.Executable ? Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : Readable);
        }
    }

    private static void RefuseForeign(string path)
    {
        if (File.Exists(path) && !File.ReadAllText(path).Contains(BootSystem.Mark, StringComparison.Ordinal))
            throw new CommandException(ExitCode.Failed, $"{Screen.Safe(path)} was not written by zd; move it away, or choose another --service-name");
    }
}
