using System.Buffers.Binary;
using System.Text;

namespace ZeroDown.Platform.Launching;

/// <summary>The launcher's end of the socket pair between it and one trampoline: it lets the program start, and hears what becomes of it.</summary>
/// <remarks>
/// Towards the trampoline: one byte opens the gate, end of file means go home. Back: <see cref="Executing"/> right before execve; then end of file, because both are
/// close-on-exec, means that the program runs. <see cref="Failed"/>, step (1 byte), errno (4 bytes, little-endian) and a text mean that it does not. End of file
/// without either: the trampoline itself was killed. So success is never guessed from silence.
/// </remarks>
internal sealed unsafe class LaunchGate : IDisposable
{
    internal const byte Open = (byte)'O';
    internal const byte Executing = (byte)'E';
    internal const byte Failed = (byte)'F';
    internal const int LongestReport = 4096;

    private readonly byte[] _report = new byte[LongestReport];
    private int _length;

    private LaunchGate(FdHandle ours) => Handle = ours;

    /// <summary>For the poller: readable when there is news.</summary>
    internal FdHandle Handle { get; }

    /// <summary>True once the trampoline has closed its end: <see cref="HasExecuted"/> and <see cref="Failure"/> are final.</summary>
    internal bool IsEnded { get; private set; }

    internal bool HasExecuted => IsEnded && _length == 1 && _report[0] == Executing;

    internal StepFailure? Failure
    {
        get
        {
            var report = _report.AsSpan(0, _length);
            report = report.Length > 0 && report[0] == Executing ? report[1..] : report;
            return IsEnded && report.Length >= 6 && report[0] == Failed
                ? new StepFailure((LaunchStep)report[1], new Errno(BinaryPrimitives.ReadInt32LittleEndian(report[2..])), Encoding.UTF8.GetString(report[6..]))
                : null;
        }
    }

    /// <summary>Ours, non-blocking, and the blocking end for the trampoline.</summary>
    internal static (LaunchGate Ours, FdHandle Theirs) Create()
    {
        var (ours, theirs) = NewSocket.CreatePair(Constants.SOCK_STREAM, nonBlocking: false);
        ours.IsNonBlocking = true;
        return (new LaunchGate(ours), theirs);
    }

    /// <summary>One that an earlier image of this very process made, with what it had read.</summary>
    internal static LaunchGate Carried(FdHandle ours, ReadOnlySpan<byte> read)
    {
        var gate = new LaunchGate(ours) { _length = read.Length };
        read.CopyTo(gate._report);
        return gate;
    }

    /// <summary>What came so far.</summary>
    internal ReadOnlySpan<byte> Report => _report.AsSpan(0, _length);

    /// <summary>Lets the program start. A trampoline that is already gone does not mind.</summary>
    internal void Unlock()
    {
        var open = Open;
        _ = Interop.Write(Handle, &open, 1);
    }

    /// <summary>Takes what there is. A dead trampoline has closed its end before it can be waited for, so after its exit one call reaches the end.</summary>
    internal void Read()
    {
        fixed (byte* at = _report)
        {
            while (!IsEnded)
            {
                var read = Interop.Read(Handle, at + _length, LongestReport - _length);
                if (read < 0 && (Errno.Last == Errno.EAGAIN || Errno.Last == Errno.EINTR))
                {
                    return;
                }

                // ECONNRESET: it went without having read our byte.
                IsEnded = read <= 0;
                _length += (int)Math.Max(0, read);
            }
        }
    }

    public void Dispose() => Handle.Dispose();
}

/// <summary>The trampoline's end.</summary>
internal sealed unsafe class TrampolineGate(FdHandle handle)
{
    /// <summary>Waits for the launcher's word.</summary>
    /// <returns>False: the launcher is gone or has changed its mind.</returns>
    internal bool WaitUntilOpen()
    {
        // Nothing is sent; but SayExecuting is to work later, when there may be no memory left to compile it.
        Write([]);
        byte word;
        nint read;
        while ((read = Interop.Read(handle, &word, 1)) < 0 && Errno.Last == Errno.EINTR)
        {
        }

        return read == 1 && word == LaunchGate.Open;
    }

    internal void SayExecuting() => Write([LaunchGate.Executing]);

    internal void SayFailed(StepFailure failure)
    {
        var text = Encoding.UTF8.GetBytes(failure.Text);
        var report = new byte[6 + Math.Min(text.Length, LaunchGate.LongestReport - 16)];
        report[0] = LaunchGate.Failed;
        report[1] = (byte)failure.Step;
        BinaryPrimitives.WriteInt32LittleEndian(report.AsSpan(2), failure.Errno.Value);
        text.AsSpan(0, report.Length - 6).CopyTo(report.AsSpan(6));
        Write(report);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* at = bytes)
        {
            _ = Interop.Write(handle, at, bytes.Length);
        }
    }
}
