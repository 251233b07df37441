using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>What a keeper takes along when it becomes a newer program (exec: the same process, its children stay its children).</summary>
/// <remarks>
/// Descriptors stay open under their numbers, everything else goes into a memory file: one record after the other, each with a length, its first byte a
/// <see cref="Carried"/>. A newer image skips what it does not know and bytes after the fields that it knows, as everywhere in the contract.
/// </remarks>
internal sealed class CarriedTable
{
    private const int None = -1;

    private readonly List<FdHandle> _fds = [];
    private readonly WireWriter _file = new();

    internal void Add(Carried what, Func<WireWriter, WireWriter> fields) =>
        _file.Bytes(fields(new WireWriter().U8((byte)what)).Written.Span);

    /// <returns>The number under which it will be found.</returns>
    internal int Keep(FdHandle? fd)
    {
        if (fd is null)
        {
            return None;
        }

        _fds.Add(fd);
        return fd.Number;
    }

    /// <summary>Replaces the program. There is no return if it works; if not, everything is as before.</summary>
    /// <param name="arguments">The program and what to tell it, given the number of the table.</param>
    /// <exception cref="SystemCallException">Why it did not work.</exception>
    internal void Exec(Func<int, IReadOnlyList<string>> arguments)
    {
        using var memory = MemoryFile.Holding(_file.Written.Span);
        var words = arguments(Keep(memory));
        using var quiet = HeldSignals.Block();
        try
        {
            _fds.ForEach(fd => fd.IsCloseOnExec = false);
            SelfReplacement.Exec(words[0], words, DaemonProcess.OurEnvironment());
        }
        finally
        {
            _fds.ForEach(fd => fd.IsCloseOnExec = true);
        }
    }

    internal static void Read(FdHandle memory, CarriedReader each)
    {
        var file = new WireReader(MemoryFile.ReadAll(memory));
        while (!file.IsAtEnd)
        {
            var record = new WireReader(file.Bytes());
            each((Carried)record.U8(), ref record);
        }
    }

    internal static FdHandle? Find(int number) => number == None ? null : FdHandle.Adopt(number);
}

internal delegate void CarriedReader(Carried what, ref WireReader fields);

/// <summary>Kinds of records in a <see cref="CarriedTable"/>. Numbers are never reused.</summary>
internal enum Carried : byte
{
    /// <summary><see cref="KeeperFields"/>, flag whether we were asked to end.</summary>
    Keeper = 1,

    /// <summary>i32 fd, text key, u8 kind, i64 discarded.</summary>
    Held = 2,

    /// <summary>i32 pidfd or -1, i32 gate or -1, bytes read from the gate, then as in the give-back.</summary>
    Launch = 3,

    /// <summary>i32 fd of its channel, i32 pid, i64 start (100 ns), flag attached, flag ready.</summary>
    Daemon = 4,

    /// <summary>text token, text version, texts program.</summary>
    Update = 5,

    /// <summary>flag whether the attendant has done what it was there for.</summary>
    Foreground = 6,

    /// <summary>As in <see cref="Order.Spare"/>.</summary>
    Spared = 7,
}
