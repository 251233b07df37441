using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon;

/// <summary>
/// Everything that is done to processes and sockets, as the core orders it. The one seam that tests fake. No call waits and
/// none throws: what comes of an order is posted as an event.
/// </summary>
internal interface IWorkerHost
{
    void OpenListener(OpenListener order);

    void CloseListener(ListenerAddress listener);

    void SteerListener(SteerListener order);

    void AwaitEmptyQueue(AwaitEmptyQueue order);

    void Launch(LaunchWorker order);

    void OpenGate(WorkerId worker);

    void WatchForListening(WorkerId worker);

    void CountConnections(WorkerId worker);

    void TellDrain(WorkerId worker, DrainOrder order);

    void HandOver(HandOverListener order);

    void Refuse(RefuseListener order);

    void SendShutdown(WorkerId worker, string orSignal);

    void Signal(WorkerId worker, string signal, bool wholeGroup);

    void WatchTree(WorkerId worker);

    void SignalProcess(SignalProcess order);

    void KillTree(WorkerId worker);

    void RelaySignal(WorkerId worker, string signal, RequestId request);

    void Forget(WorkerId worker);
}
