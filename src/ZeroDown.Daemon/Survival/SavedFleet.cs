using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// What <c>zd save</c> writes and <c>zd resurrect</c> starts: the apps with their definitions, and which of their slots run. It is the text of a state
/// (<see cref="FleetCodec"/>) with nothing in it that ends with a daemon.
/// </summary>
internal sealed class SavedFleet(HomeFolder home)
{
    /// <summary>Writes the dump; the one before it is kept, unless it is damaged and the one before that is the last good one.</summary>
    /// <returns>A sentence about it.</returns>
    /// <exception cref="IOException">It could not be written; the message says why, and what was there before is untouched.</exception>
    public string Write(FleetState fleet)
    {
        var lasting = Lasting(fleet);
        var buffer = new ByteBuffer();
        using var codec = new FleetCodec();
        codec.Write(buffer, lasting, DeskBook.Empty);
        Checksum.Seal(buffer);
        WholeFile.Write(home.Dump, buffer.Written, TryRead(home.Dump, out _) is null ? null : home.PreviousDump);
        return $"saved {lasting.Apps.Count} apps to {home.Dump}";
    }

    /// <summary>The apps of the dump; if that cannot be used, of the one before; if there was never one, of the wanted state that the last daemon left, also when other apps were started since.</summary>
    public SavedApps Read()
    {
        List<string> problems = [];
        foreach (var path in (ReadOnlySpan<string>)[home.Dump, home.PreviousDump, home.LastState, home.State, home.PreviousState])
        {
            if (TryRead(path, out var problem) is { } apps)
                return new SavedApps(path, apps, [.. problems]);
            if (problem is not null)
                problems.Add(problem);
            else if (path == home.Dump && File.Exists(home.PreviousDump))
                problems.Add($"{home.Dump} is missing");
        }

        return new SavedApps(null, [], [.. problems]);
    }

    /// <summary>True for a file that was not written by <c>zd save</c> but left by a daemon.</summary>
    public bool IsWantedState(string path) => path == home.LastState || path == home.State || path == home.PreviousState;

    /// <summary>What is wrong with a saved file; null when it is good or not there.</summary>
    public static string? ProblemOf(string path) => TryRead(path, out var problem) is null ? problem : null;

    /// <summary>Names and numbers of running slots of what is saved in a file; null when it cannot be read or is not there.</summary>
    public static IReadOnlyDictionary<string, int>? Summary(string path) =>
        TryRead(path, out _)?.ToDictionary(app => app.Spec.Name.Value, app => app.Running.Length);

    /// <summary>Without processes, listeners and commands. A slot that stands still now is to stand still then.</summary>
    internal static FleetState Lasting(FleetState fleet) => FleetState.Empty with
    {
        Apps = [.. fleet.Apps.Where(app => !app.Deleting).Select(app => new AppState
        {
            Spec = app.Spec,
            ScaledToZero = app.ScaledToZero,
            Slots = [.. app.Slots.Select(slot => new SlotState
            {
                Slot = slot.Slot,
                PmId = slot.PmId,
                Wanted = slot.Wanted && (slot.Phase != WorkerPhase.Stopped || slot.Current is not null),
            })],
        })],
    };

    private static ImmutableArray<SavedApp>? TryRead(string path, out string? problem)
    {
        problem = null;
        try
        {
            if (WholeFile.Read(path) is not { } text)
                return null;
            var fleet = FleetCodec.Read(text).Fleet;
            Checksum.Check(text);
            return [.. fleet.Apps.Where(app => !app.Deleting).Select(SavedApp.Of)];
        }
        catch (UnreadableStateException damaged)
        {
            problem = $"{path} cannot be used: {damaged.Message}";
        }
        catch (IOException unusable)
        {
            problem = unusable.Message;
        }

        return null;
    }
}

/// <param name="File">Where they were read; null when nothing was ever saved.</param>
/// <param name="Apps">In their order.</param>
/// <param name="Problems">What is wrong with the files that would have come first.</param>
internal sealed record SavedApps(string? File, ImmutableArray<SavedApp> Apps, ImmutableArray<string> Problems);

/// <summary>One app that was saved.</summary>
/// <param name="Spec">With as many instances as it has slots; scaled to 0, with the number of before.</param>
/// <param name="Running">The slots that are to run, counted from 0.</param>
internal sealed record SavedApp(AppSpec Spec, ImmutableArray<int> Running)
{
    public bool ScaledToZero { get; init; }

    public static SavedApp Of(AppState app) => new(
        app.ScaledToZero ? app.Spec : app.Spec with { Instances = Math.Max(1, app.Slots.Length) },
        [.. app.Slots.Select((slot, index) => (slot.Wanted, index)).Where(slot => slot.Wanted).Select(slot => slot.index)])
    {
        ScaledToZero = app.ScaledToZero,
    };
}
