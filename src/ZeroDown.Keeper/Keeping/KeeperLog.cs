using System.Globalization;
using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>The few lines that the keeper has to say, on its stderr (keeper.log of the home folder when it was started detached).</summary>
internal static class KeeperLog
{
    /// <summary>Somebody must hold it for ever: a handle that is forgotten is closed by the garbage collector, and the next file that is opened becomes our stderr.</summary>
    private static readonly FdHandle Inherited = new(2);

    /// <summary>Ours as long as we live; never closed, never close-on-exec.</summary>
    internal static FdHandle Stderr { get; private set; } = Inherited;

    private const int OwnerOnly = 0x180; // 0600
    private const long LongestLog = 1024 * 1024;

    internal static string FileName => "keeper.log";

    /// <summary>Into the home folder from now on: our stderr belongs to somebody who may be slow to read it, and a keeper must not wait.</summary>
    internal static void MoveTo(string home) => Stderr = Open(home);

    /// <summary>For appending; begun anew above a MiB.</summary>
    internal static FdHandle Open(string home)
    {
        var log = FdHandle.Open(Path.Combine(home, FileName), Constants.O_WRONLY | Constants.O_CREAT | Constants.O_APPEND, OwnerOnly);
        if (Interop.LSeek(log, 0, Constants.SEEK_END) > LongestLog)
        {
            _ = Interop.FTruncate(log, 0);
        }

        return log;
    }

    /// <summary>Between two daemons: one that crashes again and again prints a stack trace each time, for as long as the keeper lives.</summary>
    internal static void KeepShort(string home)
    {
        try
        {
            Open(home).Dispose();
        }
        catch (SystemCallException)
        {
            // A home that cannot be written, or no descriptor left: whoever is started next says so itself.
        }
    }

    internal static void Say(string line)
    {
        var time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var bytes = Encoding.UTF8.GetBytes($"{time} keeper {Environment.ProcessId}: {OneLine.Of(line)}\n");
        _ = FdBytes.Write(Stderr, bytes);
    }
}
