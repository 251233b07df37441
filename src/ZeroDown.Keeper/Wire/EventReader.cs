using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>One message of the keeper as an event.</summary>
internal static class EventReader
{
    /// <returns>Null for a type that we do not know: a newer keeper tells more than we ask for.</returns>
    internal static KeeperEvent? Read(ReadOnlySpan<byte> message)
    {
        var fields = new WireReader(message);
        return (News)fields.U8() switch
        {
            News.Spawned => new KeeperEvent.Spawned(fields.I64(), fields.I32(), fields.I64()),
            News.Started => new KeeperEvent.Started(fields.I64()),
            News.LaunchFailed => LaunchFailed(fields.I64(), fields.Failure()),
            News.Exited => new KeeperEvent.Exited(fields.I64(), fields.Exit()),
            News.Signalled => new KeeperEvent.Signalled(fields.I64(), fields.I64(), (SignalAnswer)fields.U8(), new Errno(fields.I32())),
            News.Looked => new KeeperEvent.Looked(fields.I64(), fields.I64(), Sights(ref fields)),
            News.BeatWanted => new KeeperEvent.BeatWanted(),
            News.ShutdownRequested => new KeeperEvent.ShutdownRequested(),
            News.Updated => new KeeperEvent.Updated(Update(ref fields)),
            _ => null,
        };
    }

    internal static UpdateNote Update(ref WireReader fields) => new(fields.Text(), (UpdateStage)fields.U8(), fields.Text());

    private static KeeperEvent.LaunchFailed LaunchFailed(long launchId, LaunchFailure failure) =>
        new(launchId, failure.Step, failure.Errno, failure.Text);

    private static WatchState[] Sights(ref WireReader fields)
    {
        var sights = new WatchState[fields.Count(1)];
        for (var i = 0; i < sights.Length; i++)
        {
            sights[i] = (WatchState)fields.U8();
        }

        return sights;
    }
}
