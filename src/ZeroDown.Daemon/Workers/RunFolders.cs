using System.IO.Hashing;
using System.Text;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>Where notify sockets lie: in the home, and for workers of other users, to whom the home is closed, in a folder of root's that they can traverse.</summary>
/// <remarks>
/// Where everybody may write in /run (some containers), somebody may have been there before us: what a worker is to load must not lie in his folder. Then it is the next one.
/// </remarks>
public static class RunFolders
{
    private static readonly string[] Shared = ["/run/zerodown", "/var/lib/zerodown"];

    /// <summary>Those that exist.</summary>
    public static IEnumerable<string> Of(HomeFolder home) => Shared.Select(shared => In(shared, home)).Prepend(home.Run).Where(Directory.Exists);

    /// <summary>Short, because a unix socket's path is; of its own for each home. The one that is in use, or else the first that can be.</summary>
    internal static string OfOthers(HomeFolder home) => OfOthers(home, Shared);

    internal static string OfOthers(HomeFolder home, string[] shared)
    {
        var folders = shared.Select(one => In(one, home)).ToList();
        return folders.Find(folder => OwnedFolder.Problem(folder) is null)
            ?? folders.Find(folder => IsFree(Path.GetDirectoryName(folder)!))
            ?? folders[0];
    }

    /// <summary>Makes that one.</summary>
    /// <exception cref="IOException">None of them is ours, or none can be made; the message is for people.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    internal static string MakeForOthers(HomeFolder home) => MakeForOthers(home, Shared);

    internal static string MakeForOthers(HomeFolder home, string[] shared)
    {
        var folder = OfOthers(home, shared);
        try
        {
            if (Path.GetDirectoryName(folder) is { } above && !Path.Exists(above))
                OwnedFolder.Make(above);
            OwnedFolder.Make(folder);
            return folder;
        }
        catch (IOException problem)
        {
            throw new IOException($"a worker of another user needs a folder that only root can write: {problem.Message}; look at it, then remove or chown it", problem.HResult);
        }
    }

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

    private static string In(string shared, HomeFolder home) => Path.Combine(shared, Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(home.Path)))[..12]);

    /// <summary>It is ours, or can be made where only we may take it away again.</summary>
    private static bool IsFree(string shared) => OwnedFolder.CanHold(Path.Exists(shared) ? shared : Path.GetDirectoryName(shared)!);
}
