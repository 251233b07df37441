using System.Collections.Immutable;
using System.Globalization;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// <c>state.json</c>: the state on the disk, for the day on which keeper and daemon are gone both, and for the next boot. It is
/// replaced whole and the one before is kept. Whoever reads it gets the newest that can be read; one that cannot be is set aside
/// under another name and never deleted, because somebody may want to know what was in it.
/// </summary>
internal sealed class StateFile(HomeFolder home)
{
    private readonly ByteBuffer _buffer = new();

    /// <summary>An end is an end on a full disk too: what cannot be written over is put away, which needs no room.</summary>
    /// <exception cref="IOException">It could not be written; what was there before is untouched.</exception>
    public void Write(StateOnDisk state)
    {
        // A codec of its own each time: what the loop's keeps in memory for speed is not worth keeping twice.
        using var codec = new FleetCodec();
        _buffer.Clear();
        state.Write(codec, _buffer);
        Checksum.Seal(_buffer);
        try
        {
            WholeFile.Write(home.State, _buffer.Written, home.PreviousState);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException && state.Origin.EndedCleanly)
        {
            // Put away, nobody takes it for what a crash has left, and `zd resurrect` finds it.
            if (!PutAway())
                throw;
        }
    }

    /// <returns>False if that does not work either.</returns>
    private bool PutAway()
    {
        try
        {
            if (File.Exists(home.State))
                File.Move(home.State, home.LastState, overwrite: true);
            else if (File.Exists(home.PreviousState))
                File.Move(home.PreviousState, home.LastState, overwrite: true);
            File.Delete(home.PreviousState);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A daemon that begins anew writes its own state over what was left; for <c>zd resurrect</c> that stays under a name of its own.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void KeepForResurrect(StateOnDisk state)
    {
        using var codec = new FleetCodec();
        var buffer = new ByteBuffer();
        state.Write(codec, buffer);
        Checksum.Seal(buffer);
        WholeFile.Write(home.LastState, buffer.Written, previous: null);
    }

    /// <summary>
    /// An end that was asked for, by a daemon that has not taken this state over: it stays as what was wanted, for <c>zd resurrect</c>, and is no longer one that somebody left behind in a
    /// crash. One that cannot be read is set aside.
    /// </summary>
    /// <param name="newest">What memory has; null if that cannot be read.</param>
    /// <returns>Sentences about what cannot be read.</returns>
    /// <exception cref="IOException">It could not be written, and would be taken over at the next start.</exception>
    public ImmutableArray<string> MarkEnded(Remembered? newest)
    {
        var (found, problems) = Read(setAside: true);
        var state = newest is null ? found : new StateOnDisk(newest, found?.Origin ?? new StateOrigin { BootId = Machine.BootId, At = DateTimeOffset.UtcNow });
        if (state is not null)
            Write(state with { Origin = state.Origin with { EndedCleanly = true, Workers = [] } });
        return problems;
    }

    /// <summary>The last state that can be read.</summary>
    /// <param name="setAside">Unreadable ones get another name, so that the next state does not take their place.</param>
    public FoundState Read(bool setAside)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var path in (ReadOnlySpan<string>)[home.State, home.PreviousState])
        {
            if (TryRead(path, out var problem) is { } state)
            {
                if (path != home.State && problems.Count > 0)
                    problems.Add($"the state before it is used, {Path.GetFileName(path)} of {state.Origin.At.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}");
                return new FoundState(state, problems.ToImmutable());
            }

            if (problem is not null)
                problems.Add($"the state file {path} cannot be used: {problem}{(setAside ? SetAside(path) : "")}");
        }

        return new FoundState(null, problems.ToImmutable());
    }

    private static StateOnDisk? TryRead(string path, out string? problem)
    {
        problem = null;
        try
        {
            return WholeFile.Read(path) is { } text ? StateOnDisk.Parse(text) : null;
        }
        catch (UnreadableStateException unreadable)
        {
            problem = unreadable.Message;
        }
        catch (IOException unusable)
        {
            problem = unusable.Message;
        }

        return null;
    }

    /// <returns>The end of a sentence.</returns>
    private string SetAside(string path)
    {
        var stamp = DateTimeOffset.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        for (var number = 0; ; number++)
        {
            var name = number == 0 ? $"state.unreadable-{stamp}.json" : $"state.unreadable-{stamp}-{number}.json";
            var other = Path.Combine(home.Path, name);
            if (Path.Exists(other))
                continue;
            try
            {
                // Also moves a folder or a symbolic link, as it is.
                Directory.Move(path, other);
                return $"; it lies in {name} now";
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                return $"; it cannot be set aside either ({problem.Message})";
            }
        }
    }
}

/// <param name="State">Null when there is none that can be read.</param>
/// <param name="Problems">Sentences about those that cannot be.</param>
internal sealed record FoundState(StateOnDisk? State, ImmutableArray<string> Problems);
