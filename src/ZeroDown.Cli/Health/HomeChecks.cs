using System.Globalization;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Health;

/// <summary>The home folder: whose it is, what it lies on, and whether there is room.</summary>
internal static class HomeChecks
{
    private const long Megabyte = 1024 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly string[] Remote = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs", "fuse.glusterfs"];

    public static IEnumerable<Finding> Of(HomeFolder home)
    {
        Finding? tooLong = null;
        try
        {
            home.CheckSocketPaths();
        }
        catch (HomeFolderException problem)
        {
            tooLong = Finding.Broken("home", problem.Message, "set ZD_HOME to a shorter path");
        }

        if (tooLong is not null)
        {
            yield return tooLong;
            yield break;
        }

        if (!Directory.Exists(home.Path))
        {
            yield return File.Exists(home.Path)
                ? Finding.Broken("home", $"{home.Path} is a file", "move it away, or set ZD_HOME to a folder that you own")
                : Finding.Note("home", $"{home.Path} is not there yet; the first `zd start` makes it");
            yield break;
        }

        yield return Rights(home);
        yield return FileSystem(home);
        yield return Space(home);
    }

    private static Finding Rights(HomeFolder home)
    {
        if (PrivateFolder.StrangerAt(home.Path) is { } uid)
            return Finding.Broken("home", $"{home.Path} belongs to uid {uid}, and this is uid {CurrentUser.Uid}", "run zd as that user, or set ZD_HOME to a folder of your own");
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(home.Path) is var mode && mode != OwnerOnly)
            return Finding.Broken("home", $"{home.Path} has mode {Convert.ToString((int)mode, 8)}: others can reach the daemon's sockets or files", $"chmod 700 {home.Path}");
        var probe = Path.Combine(home.Path, string.Create(CultureInfo.InvariantCulture, $".probe-{Environment.ProcessId}"));
        try
        {
            File.WriteAllText(probe, "zd doctor");
            File.Delete(probe);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Finding.Broken("home", $"nothing can be written to {home.Path}: {problem.Message}", "mend that, or set ZD_HOME to another folder");
        }

        return Finding.Good("home", $"{home.Path} is ours alone and can be written to");
    }

    private static Finding FileSystem(HomeFolder home)
    {
        var format = new DriveInfo(home.Path).DriveFormat;
        return Remote.Contains(format)
            ? Finding.Warn("file system", $"{home.Path} lies on {format}: locks and sockets do not work on every network file system", "set ZD_HOME to a local folder")
            : format is "tmpfs" or "ramfs"
                ? Finding.Note("file system", $"{home.Path} lies in memory ({format}): what is saved does not outlive a reboot")
                : Finding.Good("file system", format);
    }

    private static Finding Space(HomeFolder home)
    {
        var free = new DriveInfo(home.Path).AvailableFreeSpace;
        var text = $"{free / Megabyte} MB free at {home.Path}";
        return free < 10 * Megabyte ? Finding.Broken("disk", text, "make room: logs (`zd flush`), old builds")
            : free < 200 * Megabyte ? Finding.Warn("disk", text, "make room: logs (`zd flush`), old builds")
            : Finding.Good("disk", text);
    }
}
