using System.Globalization;
using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

/// <summary>How close a worker is to accepting from one listener, from farthest to nearest.</summary>
public enum WatchState
{
    /// <summary>No process of its session has the socket.</summary>
    NotHeld,

    /// <summary>Held, but nobody waits on it.</summary>
    Held,

    /// <summary>Held, and no sign of anybody waiting, but some of what decides could not be read. (Also: not held by what could be read.)</summary>
    Unreadable,

    /// <summary>
    /// It is in an epoll set for reading, or a thread waits on it in accept, poll or select right now: its next connection will be taken.
    /// Or a process of the session has accepted a connection from it that is still open.
    /// </summary>
    Watched,
}

/// <summary>Is a worker that says nothing ready? Looks from outside whether anybody in its session watches the listening sockets (rule 4 of the worker contract).</summary>
/// <remarks>
/// <c>/proc/PID/fdinfo/N</c> of an epoll descriptor lists what it watches, with inodes. For a thread that blocks without epoll, <c>/proc/PID/task/TID/syscall</c> gives the
/// call and its arguments, and the arrays of poll and select are read from the process's memory. The latter needs ptrace rights over the process: being its ancestor
/// and of the same user, or root. Linux only; elsewhere everything is unreadable.
/// </remarks>
public static unsafe class ListenerWatch
{
    /// <summary>More descriptors than any server polls by hand.</summary>
    private const int MaxPolled = 65536;

    /// <summary>So many descriptors in one epoll set are looked at, and so many threads; a listener is one of the first.</summary>
    private const int MostWatches = 50_000;
    private const int MostThreads = 4096;

    /// <summary>After so long the rest is not looked at: what a worker shows must not cost as much as it likes.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(500);

    private static readonly WaitingCalls Calls = WaitingCalls.OfThisMachine;

    /// <param name="sessionLeaderPid">The worker: it leads a session of its own.</param>
    /// <param name="inodes">Of the listeners (<see cref="ListenerSocket.Inode"/>).</param>
    /// <returns>A state for every inode asked for.</returns>
    public static IReadOnlyDictionary<long, WatchState> Look(int sessionLeaderPid, IReadOnlyCollection<long> inodes)
    {
        var states = inodes.Distinct().ToDictionary(inode => inode, _ => OperatingSystem.IsLinux() ? WatchState.NotHeld : WatchState.Unreadable);
        var session = OperatingSystem.IsLinux() ? ProcessTree.Session(sessionLeaderPid) : [];
        var until = MonotonicClock.Now + Budget;
        foreach (var pid in session)
        {
            if (MonotonicClock.Now > until)
            {
                RaiseAll([.. states.Keys], states, WatchState.Unreadable);
                return states;
            }

            LookInto(pid, states, until);
        }

        if (states.Where(one => one.Value is WatchState.Held or WatchState.Unreadable).Select(one => one.Key).ToList() is { Count: > 0 } unproved)
        {
            RaiseAll(AcceptedConnections.Of(session, unproved), states, WatchState.Watched);
        }

        return states;
    }

    private static void LookInto(int pid, Dictionary<long, WatchState> states, TimeSpan until)
    {
        if (ProcFs.OpenFiles(pid) is not { } files)
        {
            // Gone meanwhile, or somebody else's (setuid): the latter may hold anything.
            if (ProcStat.Read(pid) is { HasEnded: false })
            {
                foreach (var inode in states.Keys)
                {
                    Raise(states, inode, WatchState.Unreadable);
                }
            }

            return;
        }

        var listeners = files.Where(file => states.ContainsKey(ProcFs.SocketInode(file.Target))).ToDictionary(file => file.Fd, file => ProcFs.SocketInode(file.Target));
        foreach (var inode in listeners.Values)
        {
            Raise(states, inode, WatchState.Held);
        }

        // The epoll set may live in a process that does not hold the listener under any number any more, so ask all of them.
        var epolls = files.Where(file => file.Target == "anon_inode:[eventpoll]").ToList();
        foreach (var epoll in epolls)
        {
            if (MonotonicClock.Now > until || !LookIntoEpoll(pid, epoll.Fd, states))
            {
                RaiseAll(listeners.Values, states, WatchState.Unreadable);
                break;
            }
        }

        // What an io_uring waits for cannot be seen. Programs that have epoll as well (Node) use the ring for files only.
        if (epolls.Count == 0 && files.Any(file => file.Target == "anon_inode:[io_uring]"))
        {
            RaiseAll(listeners.Values, states, WatchState.Unreadable);
        }

        if (listeners.Values.Any(inode => states[inode] != WatchState.Watched))
        {
            LookIntoThreads(pid, listeners, states);
        }
    }

    /// <summary>Lines like "tfd:       12 events:       19 data: …  pos:0 ino:1267 sdev:9"; events and inode are hexadecimal.</summary>
    /// <returns>False if there is more than is looked at.</returns>
    private static bool LookIntoEpoll(int pid, int fd, Dictionary<long, WatchState> states)
    {
        var left = MostWatches;
        foreach (var line in ProcFs.ReadLines($"/proc/{pid}/fdinfo/{fd}"))
        {
            if (left-- == 0)
            {
                return false;
            }

            if (line.StartsWith("tfd:", StringComparison.Ordinal) &&
                Hex(line, "ino:") is { } inode && states.ContainsKey(inode) &&
                Hex(line, "events:") is { } events && (events & Constants.POLLIN) != 0)
            {
                Raise(states, inode, WatchState.Watched);
            }
        }

        return true;
    }

    private static long? Hex(string line, string label)
    {
        var at = line.IndexOf(label, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var rest = line.AsSpan(at + label.Length).TrimStart();
        var end = rest.IndexOf(' ');
        return long.TryParse(end < 0 ? rest : rest[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static void LookIntoThreads(int pid, Dictionary<int, long> listeners, Dictionary<long, WatchState> states)
    {
        foreach (var thread in ProcFs.Numbers($"/proc/{pid}/task", MostThreads) ?? [])
        {
            // "running", or: number, six arguments, stack and instruction pointer.
            var text = ProcFs.ReadText($"/proc/{pid}/task/{thread}/syscall");
            if (text is null)
            {
                if (Directory.Exists($"/proc/{pid}/task/{thread}"))
                {
                    RaiseAll(listeners.Values, states, WatchState.Unreadable);
                }

                continue;
            }

            if (Parse(text) is not { } call)
            {
                continue;
            }

            if (WaitedFor(pid, call.Number, call.Arguments) is { } fds)
            {
                RaiseAll(fds.Where(listeners.ContainsKey).Select(fd => listeners[fd]), states, WatchState.Watched);
            }
            else
            {
                RaiseAll(listeners.Values, states, WatchState.Unreadable);
            }
        }
    }

    private static (long Number, ulong[] Arguments)? Parse(string text)
    {
        var fields = text.TrimEnd().Split(' ');
        if (fields.Length < 7 || !long.TryParse(fields[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        return (number, [.. fields[1..7].Select(field => ulong.Parse(field.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture))]);
    }

    /// <summary>The descriptors on which the call waits for something to read or accept; none if it is another call; null if its memory may not be read.</summary>
    private static IEnumerable<int>? WaitedFor(int pid, long number, ulong[] arguments) =>
        Calls.Accept.Contains(number) ? [(int)arguments[0]]
        : Calls.Poll.Contains(number) ? Polled(pid, arguments[0], arguments[1])
        : Calls.Select.Contains(number) ? Selected(pid, arguments[0], arguments[1])
        : [];

    private static List<int>? Polled(int pid, ulong address, ulong count)
    {
        var list = new PollFd[Math.Min(count, MaxPolled)];
        fixed (PollFd* at = list)
        {
            if (!ReadMemory(pid, address, at, (nuint)(list.Length * sizeof(PollFd))))
            {
                return null;
            }
        }

        return [.. list.Where(one => (one.Events & Constants.POLLIN) != 0).Select(one => one.Fd)];
    }

    private static List<int>? Selected(int pid, ulong count, ulong address)
    {
        List<int> fds = [];
        if (address == 0 || count is 0 or > 1024)
        {
            return fds;
        }

        var words = new ulong[(count + 63) / 64];
        fixed (ulong* at = words)
        {
            if (!ReadMemory(pid, address, at, (nuint)(words.Length * sizeof(ulong))))
            {
                return null;
            }
        }

        for (var fd = 0; fd < (int)count; fd++)
        {
            if ((words[fd / 64] >> (fd % 64) & 1) != 0)
            {
                fds.Add(fd);
            }
        }

        return fds;
    }

    private static bool ReadMemory(int pid, ulong address, void* to, nuint length)
    {
        var local = new IoVec { Base = to, Length = length };
        var remote = new IoVec { Base = (void*)address, Length = length };
        return length == 0 || Interop.ProcessVmReadV(pid, &local, 1, &remote, 1, 0) == (nint)length;
    }

    private static void RaiseAll(IEnumerable<long> inodes, Dictionary<long, WatchState> states, WatchState state)
    {
        foreach (var inode in inodes)
        {
            Raise(states, inode, state);
        }
    }

    private static void Raise(Dictionary<long, WatchState> states, long inode, WatchState state) =>
        states[inode] = (WatchState)Math.Max((int)states[inode], (int)state);

    /// <summary>Numbers of the system calls in which a thread waits for a connection.</summary>
    private sealed record WaitingCalls(long[] Accept, long[] Poll, long[] Select)
    {
        internal static WaitingCalls OfThisMachine => RuntimeInformation.ProcessArchitecture switch
        {
            // accept, accept4; poll, ppoll; select, pselect6
            Architecture.X64 => new([43, 288], [7, 271], [23, 270]),
            Architecture.Arm64 => new([202, 242], [73], [72]),
            _ => new([], [], []),
        };
    }
}
