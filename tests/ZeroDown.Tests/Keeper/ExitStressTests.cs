using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Keeper;

/// <summary>
/// Many children end while others start, through one keeper, and its daemon is killed in between: no exit is lost, none is told twice, and no zombie stays. <c>ZD_SOAK=1</c>: 100,000
/// children and 50 kills; <c>ZD_BINARY</c> names a native zd, with which that takes minutes instead of hours.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class ExitStressTests
{
    private const int AtOnce = 32;

    private static readonly bool Soak = Environment.GetEnvironmentVariable("ZD_SOAK") == "1";
    private static readonly string? Native = Environment.GetEnvironmentVariable("ZD_BINARY") is { Length: > 0 } path ? path : null;
    private static readonly int Children = Soak ? 100_000 : Native is not null ? 3000 : 600;
    private static readonly int Kills = Soak ? 50 : 5;

    [Fact]
    public void No_exit_is_lost_while_children_end_and_others_start_and_daemons_are_killed()
    {
        using var keeper = new RunningKeeper(zd: Native);
        using var zombies = new ZombieWatch(keeper.Start.KeeperPid);
        var crowd = new Crowd(Children);
        var clock = Stopwatch.StartNew();
        for (var life = 0; life <= Kills; life++)
        {
            var daemon = keeper.NextSilentDaemon();
            var client = daemon.AttachFor();
            crowd.Attend(client);
            client.Ready();
            // It is killed while others are under way; the last one sees them all end.
            var (until, seen) = (Children * (life + 1) / (Kills + 1), -1);
            while (!IsDone())
                Eventually.True(() => IsDone() || HasGoneOn(), "children go on to end", Evidence);
            if (life < Kills)
                daemon.Kill();

            bool IsDone() => crowd.Ended >= until;

            bool HasGoneOn()
            {
                var before = seen;
                seen = crowd.Ended;
                return seen != before;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Children} children, {Kills} daemons killed, {clock.Elapsed.TotalSeconds:0} s; the oldest zombie was seen for {zombies.Oldest.TotalMilliseconds:0} ms");
        Assert.Empty(crowd.Wrong);
        Eventually.True(() => !ZombieWatch.Of(keeper.Start.KeeperPid).Any(), "no zombie stays", () => string.Join('\n', ZombieWatch.Of(keeper.Start.KeeperPid)));
        if (Soak)
            Assert.True(zombies.Oldest < TimeSpan.FromSeconds(1), $"a zombie stayed for {zombies.Oldest}");

        string Evidence() => $"{crowd}\n{string.Join('\n', ProcStat.ReadAll().Where(one => one.ParentPid == keeper.Start.KeeperPid))}\n{keeper.Log}";
    }

    /// <summary>What a daemon would know of its workers.</summary>
    private sealed class Crowd(int size)
    {
        private readonly ConcurrentDictionary<long, bool> _ended = new();
        private readonly Lock _lock = new();
        private long _launched;

        internal ConcurrentQueue<string> Wrong { get; } = new();

        internal int Ended => _ended.Count;

        /// <summary>Takes over from the daemon before, as the real one does, and goes on.</summary>
        internal void Attend(KeeperClient client)
        {
            var kept = client.GiveBack.Workers.ToDictionary(worker => worker.LaunchId);
            foreach (var worker in kept.Values.Where(worker => worker.State == KeptState.Exited))
            {
                _ended.TryAdd(worker.LaunchId, true); // perhaps told already, and the killed daemon's word that it may be forgotten was not sent any more
                client.Forget(worker.LaunchId);
            }

            client.Start(news =>
            {
                switch (news)
                {
                    case KeeperEvent.BeatWanted:
                        client.Beat();
                        break;
                    case KeeperEvent.Spawned spawned:
                        client.OpenGate(spawned.LaunchId);
                        break;
                    case KeeperEvent.Exited exited:
                        if (!_ended.TryAdd(exited.LaunchId, true))
                            Wrong.Enqueue($"the end of {exited.LaunchId} was told twice");
                        client.Forget(exited.LaunchId);
                        Next(client);
                        break;
                    case KeeperEvent.LaunchFailed failed:
                        Wrong.Enqueue($"{failed.LaunchId} was not launched: {failed.Text}");
                        break;
                }
            });
            foreach (var worker in kept.Values.Where(worker => worker.State == KeptState.AtGate))
                client.OpenGate(worker.LaunchId);
            var launched = Interlocked.Read(ref _launched);
            for (var id = 1L; id <= launched; id++)
            {
                // Ordered in the moment of the kill, and not sent any more.
                if (!kept.ContainsKey(id) && !_ended.ContainsKey(id))
                    Launch(client, id);
            }

            for (var i = kept.Count; i < AtOnce; i++)
                Next(client);
        }

        public override string ToString() =>
            $"{_launched} launched, {_ended.Count} ended; missing: {string.Join(' ', Enumerable.Range(1, (int)_launched).Where(id => !_ended.ContainsKey(id)).Take(50))}";

        private void Next(KeeperClient client)
        {
            lock (_lock)
            {
                if (_launched < size)
                    Launch(client, ++_launched);
            }
        }

        private static void Launch(KeeperClient client, long id) => client.Launch(Order.Run(id, null, "/bin/true"));
    }

    /// <summary>Looks ten times a second how long each zombie has been one.</summary>
    private sealed class ZombieWatch : IDisposable
    {
        private readonly Dictionary<int, TimeSpan> _since = [];
        private readonly Timer _timer;
        private readonly Lock _lock = new();
        private TimeSpan _oldest;

        internal ZombieWatch(int keeper) => _timer = new Timer(_ => Look(keeper), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));

        internal TimeSpan Oldest
        {
            get
            {
                lock (_lock)
                    return _oldest;
            }
        }

        /// <summary>Workers, not the stand-in daemons, which this test kills.</summary>
        internal static IEnumerable<ProcStat> Of(int keeper) => ProcStat.ReadAll().Where(one => one.ParentPid == keeper && one.HasEnded);

        public void Dispose() => _timer.Dispose();

        private void Look(int keeper)
        {
            if (!_lock.TryEnter())
                return;
            try
            {
                var now = MonotonicClock.Now;
                var dead = Of(keeper).Select(one => one.Pid).ToHashSet();
                foreach (var gone in _since.Keys.Where(pid => !dead.Contains(pid)).ToList())
                    _since.Remove(gone);
                foreach (var pid in dead)
                {
                    _since.TryAdd(pid, now);
                    _oldest = now - _since[pid] > _oldest ? now - _since[pid] : _oldest;
                }
            }
            finally
            {
                _lock.Exit();
            }
        }
    }
}
