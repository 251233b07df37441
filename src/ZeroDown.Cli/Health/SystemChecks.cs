using System.Globalization;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Health;

/// <summary>Limits and abilities of the machine, as far as something of ours depends on them.</summary>
internal static class SystemChecks
{
    /// <summary>Two or three for each worker, and room.</summary>
    private const int FewFiles = 4096;

    private const int FewWatches = 8192;

    /// <summary>The kernel that tells how a process ended that was no child of ours.</summary>
    private static readonly Version TellsExits = new(6, 15);

    /// <param name="fleet">What runs; null when there is no daemon.</param>
    public static IEnumerable<Finding> Of(FleetSnapshot? fleet)
    {
        var files = fleet is null ? SystemLimits.OpenFiles : SystemLimits.OpenFilesOf(fleet.Daemon.KeeperPid) ?? SystemLimits.OpenFiles;
        yield return files.Hard >= FewFiles
            ? Finding.Good("open files", $"up to {files.Hard}")
            : Finding.Warn("open files", $"only {files.Hard} allowed", "raise the hard limit (ulimit -Hn, LimitNOFILE= in a unit) and start the daemon anew");
        if (!OperatingSystem.IsLinux())
            yield break;
        yield return Watches(fleet);
        yield return Yama();
        yield return Pidfds();
        yield return Environment.OSVersion.Version >= TellsExits
            ? Finding.Good("exit codes", $"kernel {Environment.OSVersion.Version} tells them of any process")
            : Finding.Note("exit codes", $"kernel {Environment.OSVersion.Version}: when a keeper was killed, how its workers end later stays unknown ({TellsExits} tells it)");
    }

    private static Finding Watches(FleetSnapshot? fleet)
    {
        var watches = Number("/proc/sys/fs/inotify/max_user_watches");
        var instances = Number("/proc/sys/fs/inotify/max_user_instances");
        var text = $"{watches} watches, {instances} instances for this user";
        var isUsed = fleet?.Apps.Any(app => app.Definition.Upkeep?.Watch is { Enabled: true }) ?? false;
        return watches >= FewWatches && instances >= 16 ? Finding.Good("inotify", text)
            : isUsed ? Finding.Warn("inotify", $"{text}: changes in large folders may go unseen", "sysctl fs.inotify.max_user_watches=524288")
            : Finding.Note("inotify", $"{text}; no app watches files");
    }

    private static Finding Yama() => Number("/proc/sys/kernel/yama/ptrace_scope") switch
    {
        null or 0 => Finding.Good("ptrace", "not restricted: sockets can be recovered from living workers"),
        1 => Finding.Note("ptrace", "restricted to ancestors (Yama 1): if keeper and daemon are killed at once, sockets are bound anew beside the workers', and the workers are replaced"),
        var scope => Finding.Warn(
            "ptrace",
            $"restricted to administrators (Yama {scope}): whether a program listens may not be visible, and then it counts as ready when it lives",
            "sysctl kernel.yama.ptrace_scope=1, or wait_ready with READY=1"),
    };

    private static Finding Pidfds()
    {
        using var pidfd = ProcessIdentity.Current.OpenPidFd();
        return pidfd is not null
            ? Finding.Good("pidfd", "processes can be signalled without mistaking one for another")
            : Finding.Warn("pidfd", "the kernel (before 5.3) or a sandbox has none", "a newer kernel, or a seccomp profile that allows pidfd_open");
    }

    private static long? Number(string path)
    {
        try
        {
            return long.TryParse(File.ReadAllText(path).Trim(), CultureInfo.InvariantCulture, out var number) ? number : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
