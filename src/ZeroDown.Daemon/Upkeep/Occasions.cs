using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Rpc;

namespace ZeroDown.Daemon.Upkeep;

/// <summary>Brings an occasion into the mailbox behind the facts that the core needs to judge it, as a command of a user's would be.</summary>
internal sealed class Occasions(SupervisorLoop loop, FleetFacts facts)
{
    public void Post(AppName app, Func<MemoryFacts?, SupervisorEvent> make)
    {
        var fleet = loop.Current;
        facts.PostOwnPorts(fleet, [new Target(app)]);
        loop.Post(make(FleetFacts.Memory(fleet, app)));
    }
}
