using System.Collections;
using System.Globalization;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>Starts a trampoline: our own file, an empty environment, the worker's descriptors in place, and above them its settings and its gate.</summary>
internal sealed class WorkerLauncher(InheritedTraits traits)
{
    internal const string Verb = "exec-worker";
    internal const string Unknown = "-";

    private readonly List<string> _environment = EnvironmentOfTrampoline();
    private readonly FdHandle _null = FdHandle.OpenNull();

    /// <param name="launch">Gets its pid, start time and gate, or its failure.</param>
    /// <param name="settings">See <see cref="SettingsFile"/>.</param>
    /// <param name="fds">The worker's own, with their numbers over there.</param>
    internal void Start(KeptLaunch launch, FdHandle settings, List<(FdHandle Source, int Number)> fds)
    {
        var (gate, theirs) = (default(LaunchGate), default(FdHandle));
        try
        {
            (gate, theirs) = LaunchGate.Create();
            var first = AddStandardStreams(fds) + 1;
            fds.Add((settings, first));
            fds.Add((theirs, first + 1));
            launch.Pid = ChildLauncher.Launch(new ChildImage(SelfImage.Running[0], Arguments(first), _environment, fds, NewSession: true));
            launch.StartTime = ProcStat.Read(launch.Pid)?.StartTicks ?? 0;
            launch.Gate = gate;
        }
        catch (SystemCallException e)
        {
            gate?.Dispose();
            launch.State = KeptState.Failed;
            launch.Failure = new StepFailure(LaunchStep.Spawn, e.Errno, $"cannot start another process: {e.Message}");
        }
        finally
        {
            theirs?.Dispose();
        }
    }

    /// <returns>The highest number of all.</returns>
    private int AddStandardStreams(List<(FdHandle Source, int Number)> fds)
    {
        for (var number = 0; number <= 2; number++)
        {
            if (!fds.Exists(fd => fd.Number == number))
            {
                fds.Add((_null, number));
            }
        }

        return fds.Max(fd => fd.Number);
    }

    private List<string> Arguments(int firstFd) =>
    [
        .. SelfImage.Running,
        Verb,
        firstFd.ToString(CultureInfo.InvariantCulture),
        traits.OpenFiles?.ToString(CultureInfo.InvariantCulture) ?? Unknown,
        traits.OomScoreAdjust?.ToString(CultureInfo.InvariantCulture) ?? Unknown,
    ];

    /// <summary>
    /// Nothing of the worker's, nothing of ours: a JIT build would run startup hooks in the trampoline and leave a diagnostics socket of a pid that then belongs to the
    /// worker. It only needs to find its runtime.
    /// </summary>
    private static List<string> EnvironmentOfTrampoline()
    {
        List<string> environment = ["DOTNET_EnableDiagnostics=0"];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name.StartsWith("DOTNET_ROOT", StringComparison.Ordinal))
            {
                environment.Add($"{name}={variable.Value}");
            }
        }

        return environment;
    }
}
