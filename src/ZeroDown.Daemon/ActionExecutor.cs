using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon;

/// <summary>Does what the core orders: one order, one call. It decides nothing and waits for nothing.</summary>
internal sealed class ActionExecutor(IWorkerHost workers, RequestDesk requests, DaemonLog log, Action endDaemon)
{
    public void Execute(SupervisorAction action)
    {
        switch (action)
        {
            case OpenListener order:
                workers.OpenListener(order);
                break;
            case CloseListener order:
                workers.CloseListener(order.Listener);
                break;
            case SteerListener order:
                workers.SteerListener(order);
                break;
            case AwaitEmptyQueue order:
                workers.AwaitEmptyQueue(order);
                break;
            case LaunchWorker order:
                workers.Launch(order);
                break;
            case OpenGate order:
                workers.OpenGate(order.Worker);
                break;
            case WatchForListening order:
                workers.WatchForListening(order.Worker);
                break;
            case CountConnections order:
                workers.CountConnections(order.Worker);
                break;
            case TellDrain order:
                workers.TellDrain(order.Worker, order.Order);
                break;
            case HandOverListener order:
                workers.HandOver(order);
                break;
            case RefuseListener order:
                workers.Refuse(order);
                break;
            case SendShutdown order:
                workers.SendShutdown(order.Worker, order.OrSignal);
                break;
            case SignalWorker order:
                workers.Signal(order.Worker, order.Signal, order.WholeGroup);
                break;
            case WatchTree order:
                workers.WatchTree(order.Worker);
                break;
            case SignalProcess order:
                workers.SignalProcess(order);
                break;
            case KillTree order:
                workers.KillTree(order.Worker);
                break;
            case RelaySignal order:
                workers.RelaySignal(order.Worker, order.Signal, order.Request);
                break;
            case ForgetWorker order:
                workers.Forget(order.Worker);
                break;
            case Announce announce:
                log.News(announce.News);
                if (announce.Request is { } request)
                    requests.Tell(request, announce.News);
                break;
            case AnswerRequest answer:
                requests.Answer(answer.Request, answer.Answer);
                break;
            case EndDaemon:
                endDaemon();
                break;
            default:
                throw new InvalidOperationException($"the core ordered {action.GetType().Name}, which the executor does not know");
        }
    }
}
