using System.Collections.Concurrent;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Workers;

/// <summary>Every worker that the daemon holds something for, by its number. From any thread.</summary>
internal sealed class WorkerProcesses
{
    private readonly ConcurrentDictionary<long, WorkerProcess> _all = new();

    private readonly ConcurrentDictionary<int, byte> _pids = new();

    /// <summary>A worker's own process has this number.</summary>
    public bool IsWorker(int pid) => _pids.ContainsKey(pid);

    public void Runs(int pid) => _pids[pid] = 0;

    /// <summary>Its number may soon be somebody else's.</summary>
    public void HasExited(int pid) => _pids.TryRemove(pid, out _);

    public WorkerProcess? Find(WorkerId worker) => Find(worker.Number);

    public WorkerProcess? Find(long number) => _all.GetValueOrDefault(number);

    public void Add(WorkerProcess process) => _all[process.Id.Number] = process;

    public WorkerProcess? Remove(WorkerId worker) => _all.TryRemove(worker.Number, out var process) ? process : null;
}
