using System.IO.Hashing;
using System.Text;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>Where notify sockets lie: in the home, and for workers of other users, to whom the home is closed, below /run.</summary>
public static class RunFolders
{
    internal const string Shared = "/run/zerodown";

    /// <summary>Those that exist.</summary>
    public static IEnumerable<string> Of(HomeFolder home) => new[] { home.Run, OfOthers(home) }.Where(Directory.Exists);

    /// <summary>Short, because a unix socket's path is; of its own for each home.</summary>
    internal static string OfOthers(HomeFolder home) => Path.Combine(Shared, Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(home.Path)))[..12]);

    /// <summary>A name that stays harms nobody.</summary>
    internal static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Its folder is gone, or not ours.
        }
    }
}
