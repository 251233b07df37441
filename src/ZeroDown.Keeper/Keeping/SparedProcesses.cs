using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>Processes that live on after their worker because its app says <c>treekill: false</c>. They are not ended with the keeper either.</summary>
internal sealed class SparedProcesses
{
    /// <summary>An app that leaves processes behind without end does not make the keeper grow: what is beyond is ended with it.</summary>
    private const int Most = 1024;

    private readonly List<(int Pid, long StartTime)> _processes = [];

    internal bool Has(TreeMember member) => _processes.Contains((member.Pid, member.StartTime));

    /// <summary>Reads them as <see cref="Order.Spare"/> has them.</summary>
    internal void Add(ref WireReader fields)
    {
        _processes.RemoveAll(process => !new ProcessIdentity(process.Pid, process.StartTime, Machine.BootId).IsAlive());
        for (var left = fields.Count(sizeof(int) + sizeof(long)); left > 0; left--)
        {
            var process = (fields.I32(), fields.I64());
            if (_processes.Count < Most && !_processes.Contains(process))
            {
                _processes.Add(process);
            }
        }
    }

    internal void Carry(CarriedTable to)
    {
        if (_processes.Count > 0)
        {
            to.Add(Carried.Spared, Write);
        }
    }

    private WireWriter Write(WireWriter fields)
    {
        fields.I32(_processes.Count);
        _processes.ForEach(process => fields.I32(process.Pid).I64(process.StartTime));
        return fields;
    }
}
