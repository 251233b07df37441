using System.Globalization;
using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>The few lines that the keeper has to say, on its stderr (keeper.log of the home folder when it was started detached).</summary>
internal static class KeeperLog
{
    /// <summary>Ours as long as we live; never closed, never close-on-exec.</summary>
    internal static FdHandle Stderr { get; } = new(2);

    internal static void Say(string line)
    {
        var time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var bytes = Encoding.UTF8.GetBytes($"{time} keeper {Environment.ProcessId}: {line}\n");
        _ = FdBytes.Write(Stderr, bytes);
    }
}
