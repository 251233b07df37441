namespace ZeroDown.Platform;

/// <summary>A worker's tree at one moment: who is there, who listens, and who must not be ended.</summary>
public sealed class TreeGlance
{
    private readonly Dictionary<int, TreeMember> _members;
    private readonly Dictionary<(int Pid, long StartTime), HashSet<long>> _listening;
    private readonly HashSet<int> _spared;

    private TreeGlance(Dictionary<int, TreeMember> members, Dictionary<(int Pid, long StartTime), HashSet<long>> listening, HashSet<int> spared) =>
        (_members, _listening, _spared) = (members, listening, spared);

    /// <summary>Keepers and daemons of any home with all that is below them, and clients that change something with all that is above them: a worker that runs
    /// <c>git pull &amp;&amp; zd reload self</c> must not be ended by its own reload in the middle of it.</summary>
    public IEnumerable<TreeMember> Spared => _members.Values.Where(member => _spared.Contains(member.Pid));

    /// <summary>Who may be ended.</summary>
    public IEnumerable<TreeMember> Mortal => _members.Values.Where(member => !_spared.Contains(member.Pid));

    /// <summary>Those of them whose parent has ended: nobody in the tree is there who could ask them to stop.</summary>
    public IEnumerable<TreeMember> Roots => Mortal.Where(member => !_members.ContainsKey(member.ParentPid));

    /// <param name="members">The tree.</param>
    public static TreeGlance At(IReadOnlyList<TreeMember> members)
    {
        var byPid = members.ToDictionary(member => member.Pid);
        return new TreeGlance(byPid, Listening(members), SparedIn(byPid));
    }

    /// <summary>
    /// The kernel does not record which signals a process got, and a second one does harm (uvicorn ends at once, celery too). But one that was asked stops listening, or
    /// what it has started does.
    /// </summary>
    /// <param name="root">Of this tree.</param>
    /// <param name="before">The tree before the first of it was asked.</param>
    /// <returns>True when something shows that it was asked.</returns>
    public bool IsLeaving(TreeMember root, TreeGlance before)
    {
        if (before.HasGivenUpListening(root.Pid, root.StartTime, this))
        {
            return true;
        }

        var below = before.Below(root);
        var listeners = below.FindAll(member => before.Listens(member));
        return listeners.Count > 0
            ? listeners.Exists(member => !IsThere(member) || before.HasGivenUpListening(member.Pid, member.StartTime, this))
            : below.Exists(member => !IsThere(member));
    }

    /// <summary>Those that match, and everything that descends from them.</summary>
    public IReadOnlySet<TreeMember> WithAllBelow(Predicate<TreeMember> match)
    {
        HashSet<TreeMember> found = [];
        foreach (var member in _members.Values.Where(member => match(member)))
        {
            found.Add(member);
            found.UnionWith(Below(member));
        }

        return found;
    }

    private bool IsThere(TreeMember member) => _members.GetValueOrDefault(member.Pid)?.StartTime == member.StartTime;

    private bool Listens(TreeMember member) => _listening.ContainsKey((member.Pid, member.StartTime));

    private bool HasGivenUpListening(int pid, long startTime, TreeGlance now) =>
        _listening.TryGetValue((pid, startTime), out var had) && !(now._listening.TryGetValue((pid, startTime), out var has) && had.IsSubsetOf(has));

    private List<TreeMember> Below(TreeMember root)
    {
        if (!IsThere(root))
        {
            return [];
        }

        List<TreeMember> found = [root];
        for (var index = 0; index < found.Count; index++)
        {
            found.AddRange(_members.Values.Where(member => member.ParentPid == found[index].Pid && !found.Contains(member)));
        }

        return found[1..];
    }

    private static Dictionary<(int Pid, long StartTime), HashSet<long>> Listening(IReadOnlyList<TreeMember> members)
    {
        Dictionary<(int Pid, long StartTime), HashSet<long>> listening = [];
        if (members.Count == 0)
        {
            return listening;
        }

        var known = SocketTable.ReadListening().Select(socket => socket.Inode).ToHashSet();
        foreach (var member in known.Count == 0 ? [] : members)
        {
            var held = ProcFs.SocketInodes(member.Pid) ?? [];
            held.IntersectWith(known);
            if (held.Count > 0)
            {
                listening[(member.Pid, member.StartTime)] = held;
            }
        }

        return listening;
    }

    private static HashSet<int> SparedIn(Dictionary<int, TreeMember> members)
    {
        HashSet<int> spared = [];
        HashSet<int> residents = [];
        foreach (var member in members.Values)
        {
            var role = OurProgram.RoleOf(member.Pid);
            if (role == OurRole.Resident)
            {
                residents.Add(member.Pid);
            }
            else if (role == OurRole.Client)
            {
                spared.UnionWith(Upwards(member).Select(above => above.Pid));
            }
        }

        spared.UnionWith(members.Values.Where(member => Upwards(member).Any(above => residents.Contains(above.Pid))).Select(member => member.Pid));
        return spared;

        IEnumerable<TreeMember> Upwards(TreeMember from)
        {
            var steps = members.Count;
            for (var at = from; at is not null && steps-- >= 0; at = members.GetValueOrDefault(at.ParentPid))
            {
                yield return at;
            }
        }
    }
}
