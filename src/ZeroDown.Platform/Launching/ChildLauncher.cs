namespace ZeroDown.Platform.Launching;

/// <summary>Starts one child with exactly the descriptors that are named, default signals and nothing blocked.</summary>
/// <remarks>
/// posix_spawn and not fork: a forked .NET process has one thread and every lock as it was. Its file actions run one after the other in the child, so a dup2 to
/// number 3 would destroy a source that is 3: every source at or below the highest target is first duplicated to above it. Sources are close-on-exec, so after
/// the exec only the targets are left.
/// </remarks>
internal static unsafe class ChildLauncher
{
    /// <returns>The child's pid.</returns>
    /// <exception cref="SystemCallException">No child was made: out of processes (EAGAIN), memory or descriptors, or the file cannot be executed.</exception>
    internal static int Launch(ChildImage image)
    {
        using var argv = new NativeStrings(image.Arguments);
        using var envp = new NativeStrings(image.Environment);
        var lifted = new List<FdHandle>();
        var actions = stackalloc byte[Interop.SpawnBufferSize];
        var attributes = stackalloc byte[Interop.SpawnBufferSize];
        Check("posix_spawn_file_actions_init", Interop.PosixSpawnFileActionsInit(actions));
        Check("posix_spawnattr_init", Interop.PosixSpawnAttributesInit(attributes));
        try
        {
            AddFds(actions, image.Fds, lifted);
            SetAttributes(attributes, image.NewSession);
            int pid;
            Check($"start {image.Path}", Interop.PosixSpawn(&pid, image.Path, actions, attributes, argv.Pointer, envp.Pointer));
            return pid;
        }
        finally
        {
            _ = Interop.PosixSpawnAttributesDestroy(attributes);
            _ = Interop.PosixSpawnFileActionsDestroy(actions);
            lifted.ForEach(fd => fd.Dispose());
        }
    }

    private static void AddFds(byte* actions, IReadOnlyList<(FdHandle Source, int Number)> fds, List<FdHandle> lifted)
    {
        var highest = -1;
        foreach (var (_, number) in fds)
        {
            highest = Math.Max(highest, number);
        }

        foreach (var (source, number) in fds)
        {
            var safe = source.Number > highest ? source : Lift(source, highest + 1, lifted);
            Check("posix_spawn_file_actions_adddup2", Interop.PosixSpawnFileActionsAddDup2(actions, safe.Number, number));
        }
    }

    private static FdHandle Lift(FdHandle source, int lowest, List<FdHandle> lifted)
    {
        var fd = Interop.Fcntl(source, Constants.F_DUPFD_CLOEXEC, lowest);
        lifted.Add(fd >= 0 ? new FdHandle(fd) : throw SystemCallException.FromLast("fcntl(F_DUPFD_CLOEXEC)"));
        return lifted[^1];
    }

    private static void SetAttributes(byte* attributes, bool newSession)
    {
        var set = stackalloc byte[Interop.SigSetSize];
        _ = Interop.SigEmptySet(set);
        Check("posix_spawnattr_setsigmask", Interop.PosixSpawnAttributesSetSigMask(attributes, set));
        _ = Interop.SigFillSet(set);
        Check("posix_spawnattr_setsigdefault", Interop.PosixSpawnAttributesSetSigDefault(attributes, set));
        var flags = LaunchConstants.POSIX_SPAWN_SETSIGDEF | LaunchConstants.POSIX_SPAWN_SETSIGMASK | (newSession ? LaunchConstants.POSIX_SPAWN_SETSID : 0);
        Check("posix_spawnattr_setflags", Interop.PosixSpawnAttributesSetFlags(attributes, (short)flags));
    }

    private static void Check(string call, int error)
    {
        if (error != 0)
        {
            throw new SystemCallException(call, new Errno(error));
        }
    }
}

/// <summary>What to start.</summary>
/// <param name="Path">Of the executable.</param>
/// <param name="Arguments">From argv[0].</param>
/// <param name="Environment">"NAME=value", all of it.</param>
/// <param name="Fds">Each target number at most once. What is not named is closed, as far as it is close-on-exec.</param>
/// <param name="NewSession">setsid: a session and group of its own, without a terminal.</param>
internal sealed record ChildImage(
    string Path,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    IReadOnlyList<(FdHandle Source, int Number)> Fds,
    bool NewSession);
