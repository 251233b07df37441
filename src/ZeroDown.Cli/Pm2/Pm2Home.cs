using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CliWrap;
using CliWrap.Exceptions;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Pm2;

/// <summary>What pm2 has in its home folder, and what its daemon says, when one lives there. Nothing is changed, and no daemon is started.</summary>
internal sealed class Pm2Home(ReadContext context, Screen screen)
{
    private const int MostBytes = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Folder { get; } = System.IO.Path.GetFullPath(
        context.Environment.GetValueOrDefault("PM2_HOME") is { Length: > 0 } set ? set : System.IO.Path.Combine(context.Environment.GetValueOrDefault("HOME") ?? "/", ".pm2"),
        context.CurrentDirectory);

    /// <summary>What <c>pm2 save</c> wrote; of a broken file, its predecessor. Null when there is nothing.</summary>
    public ImmutableArray<Pm2Process>? Saved()
    {
        foreach (var name in new[] { "dump.pm2", "dump.pm2.bak" })
        {
            var file = Path.Combine(Folder, name);
            try
            {
                if (!File.Exists(file))
                    continue;
                if (new FileInfo(file).Length > MostBytes)
                    screen.Warn($"{Screen.Safe(file)} is too large to be read");
                else if (Pm2Process.ReadAll(File.ReadAllText(file)) is { } processes)
                    return processes;
                else
                    screen.Warn($"{Screen.Safe(file)} is not what pm2 writes; it is passed over");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                screen.Warn($"{Screen.Safe(file)} cannot be read: {Screen.Safe(e.Message)}");
            }
        }

        return null;
    }

    /// <summary>What runs now; null when no daemon lives, or when it cannot be asked.</summary>
    public async Task<ImmutableArray<Pm2Process>?> RunningAsync(CancellationToken cancellation)
    {
        // Any call of pm2 starts a daemon where there is none, so the pid file is asked first.
        if (DaemonPid() is not { } pid)
            return null;
        if (new SearchPath(context.Environment, context.CurrentDirectory).Find("pm2") is not { } pm2)
        {
            screen.Warn($"pm2 runs (pid {pid}), but there is no pm2 on PATH to ask; only what it has saved is read");
            return null;
        }

        var json = new StringBuilder();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            await CliWrap.Cli.Wrap(pm2).WithArguments("jlist")
                .WithEnvironmentVariables(context.Environment.ToDictionary(v => v.Key, string? (v) => v.Value))
                .WithEnvironmentVariables(variables => variables.Set("PM2_HOME", Folder))
                .WithStandardOutputPipe(PipeTarget.ToStringBuilder(json))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            screen.Warn($"pm2 jlist did not end within {Patience.TotalSeconds:0} s; only what pm2 has saved is read");
            return null;
        }
        catch (CliWrapException e)
        {
            screen.Warn($"{Screen.Safe(pm2)} could not be started: {Screen.Safe(e.Message)}; only what pm2 has saved is read");
            return null;
        }

        if (Pm2Process.ReadAll(json.ToString()) is { } processes)
            return processes;
        screen.Warn("pm2 jlist printed no list; only what pm2 has saved is read");
        return null;
    }

    private int? DaemonPid()
    {
        try
        {
            return int.TryParse(File.ReadAllText(Path.Combine(Folder, "pm2.pid")).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && ProcessIdentity.Of(pid)?.IsAlive() == true
                ? pid
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
