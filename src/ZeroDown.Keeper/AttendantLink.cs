using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>The attendant's end of what connects it with its keeper: it says that everything is ready, and learns when the keeper is gone.</summary>
public sealed class AttendantLink : IDisposable
{
    internal const int Number = 3;
    private const int SmallStack = 128 * 1024;

    private readonly FdHandle _link;
    private readonly int _keeper = Interop.GetPpid();

    private AttendantLink(FdHandle link) => _link = link;

    /// <summary>The one that this process was started with.</summary>
    /// <exception cref="IOException">It was not started by a keeper.</exception>
    public static AttendantLink Inherited() => new(FdHandle.Adopt(Number));

    /// <summary>For the init system, if there is one: everything is ready.</summary>
    public void SayReady() => _ = FdBytes.Write(_link, "ready\n"u8);

    /// <summary>Begins to watch. Called at most once, on a thread of its own.</summary>
    /// <param name="gone">Told whether the keeper is dead; otherwise it has replaced itself, and another attendant is on its way.</param>
    public void Watch(Action<bool> gone) => new Thread(() => WaitForEnd(gone), SmallStack) { IsBackground = true, Name = "keeper" }.Start();

    private void WaitForEnd(Action<bool> gone)
    {
        var list = new PollList();
        Span<byte> buffer = stackalloc byte[16];
        int read;
        do
        {
            list.Clear();
            _ = list.Add(_link, FdInterest.Read);
            list.Wait(null);
            read = FdBytes.Read(_link, buffer);
        }
        while (read > 0 || (read < 0 && Errno.Last == Errno.EAGAIN));

        // A process closes its descriptors a moment before its children get another parent.
        for (var tries = 0; tries < 10 && Interop.GetPpid() == _keeper; tries++)
        {
            Thread.Sleep(10);
        }

        gone(Interop.GetPpid() != _keeper);
    }

    public void Dispose() => _link.Dispose();
}
