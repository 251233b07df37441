using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Simulation;

// How daemons and keepers die, and what the next daemon finds.
internal sealed partial class World
{
    private readonly HashSet<ListenerAddress> _boundAnew = [];
    private readonly Dictionary<ListenerAddress, Steering> _steered = [];
    private readonly List<Act> _postponed = [];
    private int _deaths;
    private int _sockets;
    private bool _lives = true;
    private bool _sameKeeper = true;
    private bool _again;
    private bool _closing;

    /// <summary>Which daemon it is, from 1.</summary>
    public int Life { get; private set; } = 1;

    /// <summary>Which keeper it is, from 1.</summary>
    public int Keeper { get; private set; } = 1;

    /// <summary>The last steps that were written down by daemons which then died: nobody can know which of their orders were carried out.</summary>
    public HashSet<int> Uncertain { get; } = [];

    /// <summary>Somebody sees how processes end.</summary>
    public bool KeeperLives { get; private set; } = true;

    /// <summary>The keeper that will come has been told whom there is.</summary>
    public bool Heir { get; private set; }

    /// <summary>Which socket of ours is bound to the address; 0: none.</summary>
    public int SocketOf(ListenerAddress address) => _open.GetValueOrDefault(address);

    /// <summary>Who dies in this step, and after how many of its orders. When the faults are over only the last hour is dangerous again.</summary>
    private (Crash? Crash, int At) NextCrash(ImmutableArray<SupervisorAction> orders)
    {
        if ((!Faults && !_closing) || _deaths >= Story.Crashes.Length || Story.Crashes[_deaths].At(_steps, orders) is not { } at)
            return (null, 0);
        return (Story.Crashes[_deaths++], at);
    }

    /// <summary>What a step came to is written down whole, answers with it, before the first of its orders is carried out.</summary>
    private void WriteDown(SupervisorEvent news, StepResult step)
    {
        if (!ReferenceEquals(Fleet, step.State))
        {
            if (news is not DaemonTookOver)
                Uncertain.Clear();
            Uncertain.Add(_steps);
        }

        Fleet = step.State;
        _boundAnew.Clear();
        _sameKeeper = true;
        foreach (var answer in step.Actions.OfType<AnswerRequest>())
            Demand(_asked.ContainsKey(answer.Request) && _answers.TryAdd(answer.Request, answer.Answer), "OneAnswer", $"{answer.Request}");
    }

    private void Die(Crash crash)
    {
        _trace?.Add($"{Now,8} † {crash}");
        _lives = false;
        _mailbox.Clear();
        _armed.Clear();
        if (crash.Victim != Victim.Daemon)
        {
            Keeper++;
            (_sameKeeper, KeeperLives, Heir) = (false, false, crash.Victim == Victim.Keeper);
            foreach (var worker in _workers.Values)
                worker.LosesItsKeeper();
        }

        if (crash.Victim == Victim.Both)
        {
            foreach (var worker in _workers.Values)
                worker.LosesEverybody();
            foreach (var address in _open.Keys.ToList())
                LoseSocket(address);
        }

        In(crash.OutageMs, TakeOver);
    }

    /// <summary>It can be had from a worker, bound beside the old one, or neither.</summary>
    private void LoseSocket(ListenerAddress address)
    {
        switch (Dice.Fixed(Story.Seed, _order, _open[address], 3))
        {
            case 0:
                _open[address] = ++_sockets;
                _boundAnew.Add(address);
                _steered.Remove(address);
                if (Dice.Fixed(Story.Seed, _order, _sockets, 4) > 0)
                    _steered[address] = Steering.Old;
                break;
            case 1:
                _open.Remove(address);
                _boundAnew.Remove(address);
                break;
        }
    }

    private void TakeOver()
    {
        var facts = new TakeOverFacts
        {
            Processes = _workers.Values.Where(worker => worker.IsKept).ToImmutableSortedDictionary(worker => worker.Id.Number, worker => worker.Kept()),
            Listeners = _open.Keys.ToImmutableDictionary(address => address, address => address.ToString()!),
            BoundAnew = [.. _boundAnew],
            Steered = [.. _boundAnew.Where(_steered.ContainsKey)],
            SameKeeper = _sameKeeper,
        };
        Life++;
        (_lives, KeeperLives) = (true, true);
        Post(new DaemonTookOver(facts));
        foreach (var worker in _workers.Values.Where(worker => worker.IsKept).ToList())
            worker.IsHeardAgain();
        foreach (var (id, request) in _asked.ToList())
        {
            if (!_answers.ContainsKey(id) && !Fleet.Requests.Any(pending => pending.Id == id))
                Post(request); // the command found its connection broken, and nobody knows of it
        }

        var acts = _postponed.ToList();
        _postponed.Clear();
        acts.ForEach(Do);
    }

    private void CheckTakeOver()
    {
        var known = Fleet.Apps.SelectMany(app => app.Workers.Keys).ToHashSet();
        foreach (var worker in _workers.Values)
            Demand(!worker.IsAlive || known.Contains(worker.Id.Number), "Truth", $"{worker.Id} lives, and whoever took over does not know it");
        CheckSockets();
    }

    private void CheckSockets()
    {
        foreach (var worker in _workers.Values)
        {
            if (worker.IsStranded)
                Demand(Fleet.Apps.Any(app => app.Workers.GetValueOrDefault(worker.Id.Number) is { Stranded: true }), "Truth", $"{worker.Id} accepts on a socket that is not ours, and nobody knows");
        }

        foreach (var (address, _) in _open)
            Demand(Fleet.Listeners.ContainsKey(address), "Listeners", $"{address} is open and nobody knows");
    }

    private void Signal(WorkerId id, string name)
    {
        var known = Fleet.Apps.Select(app => app.Workers.GetValueOrDefault(id.Number)).FirstOrDefault(worker => worker is not null);
        // What is said again by who takes over was said already, and may come before the kernel is told.
        foreach (var (address, to) in _steered)
        {
            if (!_again && known is { Stranded: true } && name != "SIGKILL" && to != Steering.New && Fleet.Listeners.GetValueOrDefault(address) is { Steered: not null } && ListenerUse.Has(known, address))
                Demand(Fleet.Apps.Any(app => app.Workers.Values.Any(worker => worker is { Stranded: true, Leaving: null } && ListenerUse.Has(worker, address))), "Truth", $"{id} leaves as the last on the old socket of {address}, and connections go to {to}");
        }

        Of(id).Signal(name, told: known is { Told: not null, HasChannel: true });
    }

    private void Forget(WorkerId id)
    {
        if (!_workers.TryGetValue(id.Number, out var worker))
            return; // its launch was never carried out
        Demand(!worker.IsAlive, "Truth", $"{id} was forgotten and lives");
        worker.Forget();
    }

    /// <param name="News">What it says.</param>
    /// <param name="Handled">Called when all that it led to is done.</param>
    private readonly record struct Letter(SupervisorEvent News, Action? Handled);
}
