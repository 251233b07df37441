namespace ZeroDown.Platform.Launching;

/// <summary>Turns this process into the program: first everything that can be prepared, then, when the gate is open, execve.</summary>
/// <remarks>
/// posix_spawn cannot do this: it knows no limits, no users, no umask, and LISTEN_PID must be known before the exec but only the child has it. The order matters:
/// limits, niceness and groups need the rights that the change of user gives away; the folder is entered with the user's own rights.
/// </remarks>
internal sealed unsafe class Trampoline : IDisposable
{
    private readonly ExecSettings _settings;
    private readonly NativeStrings _argv;
    private readonly NativeStrings _envp;
    private readonly NativeStrings _path;

    /// <exception cref="ArgumentException">A NUL in one of the strings.</exception>
    internal Trampoline(ExecSettings settings)
    {
        _settings = settings;
        _path = new NativeStrings([settings.Program]);
        _argv = new NativeStrings(settings.Arguments);
        _envp = new NativeStrings([.. settings.Environment, .. settings.PidVariables.Select(name => $"{name}={Environment.ProcessId}")]);
    }

    /// <returns>Null if all went well.</returns>
    internal StepFailure? Prepare(InheritedTraits original)
    {
        _ = original.RestoreOomScore();
        RestoreOpenFiles(original.OpenFiles);
        var failure = RaiseHardLimits() ?? SetNice() ?? SetUser() ?? SetPlace();
        WarmUp();
        return failure;
    }

    /// <summary>The last things before the exec, after which this runtime may no longer work: little memory, default signals.</summary>
    /// <returns>Null if all went well.</returns>
    internal StepFailure? Commit()
    {
        foreach (var limit in _settings.Limits)
        {
            var value = new ResourceLimit { Soft = ToKernel(limit.Soft), Hard = ToKernel(limit.Hard) };
            if (Interop.SetRLimit(Number(limit.Resource), &value) != 0)
            {
                return Failed(LaunchStep.Limits, $"cannot limit {limit.Resource} to {limit.Soft} (hard {limit.Hard})");
            }
        }

        RestoreSignals();
        return null;
    }

    /// <returns>Only if the program could not be executed.</returns>
    internal StepFailure Execute()
    {
        _ = Interop.Execve(_path.Pointer[0], _argv.Pointer, _envp.Pointer);
        var errno = Errno.Last;
        return new StepFailure(LaunchStep.Exec, errno, $"cannot execute {_settings.Program}: {ExecFailure.Explain(_settings.Program, errno)}");
    }

    public void Dispose()
    {
        _path.Dispose();
        _argv.Dispose();
        _envp.Dispose();
    }

    /// <summary>
    /// Under the JIT, the first call of a method takes memory that a limit of the worker's may forbid by then. An empty path is never found. Only after the change of user, for
    /// which glibc needs one of the signals that are restored.
    /// </summary>
    private void WarmUp()
    {
        byte empty = 0;
        _ = Interop.Execve(&empty, _argv.Pointer, _envp.Pointer);
        RestoreSignals();
    }

    /// <summary>Only the raising needs rights. The limits themselves come last: one on memory that is enough for the program may be too little for this runtime.</summary>
    private StepFailure? RaiseHardLimits()
    {
        foreach (var limit in _settings.Limits)
        {
            ResourceLimit value;
            if (Interop.GetRLimit(Number(limit.Resource), &value) == 0 && value.Hard < ToKernel(limit.Hard))
            {
                value.Hard = ToKernel(limit.Hard);
                if (Interop.SetRLimit(Number(limit.Resource), &value) != 0)
                {
                    return Failed(LaunchStep.Limits, $"cannot raise the hard limit of {limit.Resource} to {limit.Hard}");
                }
            }
        }

        return null;
    }

    private StepFailure? SetNice() =>
        _settings.Nice is { } nice && Interop.SetPriority(LaunchConstants.PRIO_PROCESS, 0, nice) != 0
            ? Failed(LaunchStep.Nice, $"cannot set niceness {nice}")
            : null;

    private StepFailure? SetUser()
    {
        // Asking for what we are already is nothing to do, so that an unprivileged zd may name its own user.
        var changesUser = _settings.UserId is { } wanted && wanted != Interop.GetEUid();
        if ((_settings.Groups ?? (changesUser ? [] : null)) is { } groups)
        {
            uint[] list = [.. groups];
            fixed (uint* at = list)
            {
                if (Interop.SetGroups(list.Length, at) != 0)
                {
                    return Failed(LaunchStep.Groups, "cannot set the supplementary groups");
                }
            }
        }

        if (_settings.GroupId is { } gid && gid != Interop.GetEGid() && Interop.SetGid(gid) != 0)
        {
            return Failed(LaunchStep.GroupId, $"cannot become group {gid}");
        }

        return changesUser && Interop.SetUid(_settings.UserId!.Value) != 0 ? Failed(LaunchStep.UserId, $"cannot become user {_settings.UserId}") : null;
    }

    private StepFailure? SetPlace()
    {
        if (_settings.Umask is { } umask)
        {
            _ = Interop.Umask((uint)umask);
        }

        return Interop.ChDir(_settings.WorkingDirectory) != 0 ? Failed(LaunchStep.WorkingDirectory, $"cannot enter {_settings.WorkingDirectory}") : null;
    }

    /// <summary>What is ignored stays ignored over an exec: SIGPIPE by the runtime, and glibc's two internal signals by posix_spawn. Handlers go by themselves.</summary>
    private static void RestoreSignals()
    {
        _ = Interop.Signal(LaunchConstants.SIGPIPE, LaunchConstants.SIG_DFL);
        if (OperatingSystem.IsLinux())
        {
            // glibc's own signal() refuses these two. To a program with another C library (musl's timers) they matter. All zero is SIG_DFL.
            var byDefault = stackalloc byte[LaunchConstants.KernelSigactionSize];
            new Span<byte>(byDefault, LaunchConstants.KernelSigactionSize).Clear();
            _ = Interop.Syscall(LaunchConstants.SYS_rt_sigaction, LaunchConstants.SIGCANCEL, (nint)byDefault, 0, LaunchConstants.KernelSigSetSize);
            _ = Interop.Syscall(LaunchConstants.SYS_rt_sigaction, LaunchConstants.SIGSETXID, (nint)byDefault, 0, LaunchConstants.KernelSigSetSize);
        }

        var none = stackalloc byte[Interop.SigSetSize];
        _ = Interop.SigEmptySet(none);
        _ = Interop.PthreadSigMask(LaunchConstants.SIG_SETMASK, none, null);
    }

    private static void RestoreOpenFiles(long? original)
    {
        ResourceLimit limit;
        if (original is { } soft && Interop.GetRLimit(Constants.RLIMIT_NOFILE, &limit) == 0)
        {
            limit.Soft = Math.Min((ulong)soft, limit.Hard);
            _ = Interop.SetRLimit(Constants.RLIMIT_NOFILE, &limit);
        }
    }

    private static ulong ToKernel(ulong value) => Math.Min(value, LaunchConstants.RLIM_INFINITY);

    private static int Number(LimitedResource resource) => resource switch
    {
        LimitedResource.OpenFiles => Constants.RLIMIT_NOFILE,
        LimitedResource.CoreFile => LaunchConstants.RLIMIT_CORE,
        LimitedResource.Processes => LaunchConstants.RLIMIT_NPROC,
        LimitedResource.AddressSpace => LaunchConstants.RLIMIT_AS,
        LimitedResource.Stack => LaunchConstants.RLIMIT_STACK,
        LimitedResource.Data => LaunchConstants.RLIMIT_DATA,
        LimitedResource.FileSize => LaunchConstants.RLIMIT_FSIZE,
        LimitedResource.CpuTime => LaunchConstants.RLIMIT_CPU,
        LimitedResource.LockedMemory => LaunchConstants.RLIMIT_MEMLOCK,
        _ => -1,
    };

    private static StepFailure Failed(LaunchStep step, string what)
    {
        var errno = Errno.Last;
        return new StepFailure(step, errno, $"{what}: {errno}");
    }
}

/// <summary>Where a launch ended, and one line for people.</summary>
internal sealed record StepFailure(LaunchStep Step, Errno Errno, string Text);
