using System.Globalization;
using System.Text;

namespace ZeroDown.Protocol;

/// <summary>What must hold before anything is bound below a home folder: it exists, it is closed to others, and the paths
/// of its sockets fit into the kernel's <c>sockaddr_un</c>.</summary>
public static class HomeFolderRules
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Longest path of a unix socket in bytes, without the closing zero; unix(7).</summary>
    public static int MaxPipePathBytes => OperatingSystem.IsMacOS() ? 103 : 107;

    /// <summary>For whoever listens there: creates the folder if need be and makes it 0700. Whose it is was settled before anybody was started in it, where users are asked.</summary>
    /// <exception cref="HomeFolderException">It cannot be used; the message says why and what to do.</exception>
    internal static void MakeClosed(this HomeFolder home)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("ZeroDown runs on Linux and macOS.");
        home.CheckSocketPaths();
        try
        {
            Directory.CreateDirectory(home.Path, OwnerOnly);
            if (File.GetUnixFileMode(home.Path) != OwnerOnly)
                File.SetUnixFileMode(home.Path, OwnerOnly);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new HomeFolderException(
                $"the home folder {home.Path} cannot be used: {problem.Message} Set ZD_HOME to a folder that you own.", problem);
        }
    }

    /// <summary>Null if files can be made in it, else why not.</summary>
    public static string? WhyNotWritable(this HomeFolder home)
    {
        var probe = Path.Combine(home.Path, string.Create(CultureInfo.InvariantCulture, $".probe-{Environment.ProcessId}"));
        try
        {
            File.Create(probe).Dispose();
            File.Delete(probe);
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return problem.Message;
        }
    }

    /// <exception cref="HomeFolderException">The paths of its sockets would be too long for the kernel.</exception>
    public static void CheckSocketPaths(this HomeFolder home)
    {
        // The longest is not the pipe's: the workers' sockets lie a folder deeper.
        var longest = home.NotifySocket(worker: 9_999_999_999);
        var bytes = Encoding.UTF8.GetByteCount(longest);
        if (bytes > MaxPipePathBytes)
        {
            var room = MaxPipePathBytes - (bytes - Encoding.UTF8.GetByteCount(home.Path));
            throw new HomeFolderException(
                $"the path {home.Path} is too long for the sockets that lie below it ({longest} has {bytes} bytes, and the kernel takes {MaxPipePathBytes}). Set ZD_HOME to a path of {room} bytes at most.");
        }
    }
}

/// <summary>The home folder cannot be used. The message is for people.</summary>
public sealed class HomeFolderException(string message, Exception? inner = null) : Exception(message, inner);
