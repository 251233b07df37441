using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>How the bytes of one stream get from its FIFO into files. Used on the output thread, but for <see cref="LastBytes"/>.</summary>
internal abstract class OutputWay(FdHandle fifo) : IDisposable
{
    /// <summary>How much of the end of a stream can be quoted.</summary>
    protected const int Quotable = 4096;

    protected FdHandle Fifo => fifo;

    /// <summary>What the poller is to tell: bytes that are looked at and left there must not be told again and again.</summary>
    public abstract FdInterest Interest { get; }

    /// <summary>Opens its files, as far as that can be done now.</summary>
    public abstract void Open();

    /// <summary>Moves what waits, a limited amount at once.</summary>
    /// <param name="last">Nobody can write any more: what is left is taken, with or without the end of a line.</param>
    public abstract OutputStep Move(bool last);

    /// <summary>The beginning of a line waits for its end, and is not in the files yet.</summary>
    public virtual bool HidesHalf => false;

    /// <summary>Puts that beginning into the files; its bytes stay in the FIFO.</summary>
    public virtual void ShowHalf()
    {
        // Most ways hold nothing back.
    }

    /// <summary>How many bytes the last step has taken from the FIFO.</summary>
    public abstract long Taken { get; }

    /// <summary>Comes first where a daemon that was killed had moved bytes before.</summary>
    /// <param name="marker">A line that says what was lost in between; empty for nothing.</param>
    public abstract void GoOn(ReadOnlySpan<byte> marker);

    /// <summary>What the last step has put into the files, for those who follow.</summary>
    public abstract byte[] Moved();

    /// <summary>The first of its files, and where what the last step has put there ends; null when there is none.</summary>
    public abstract (string Path, long End)? Place { get; }

    /// <summary>The end of what the worker has written.</summary>
    public abstract byte[] LastBytes();

    /// <summary>The stream has ended.</summary>
    public abstract void Dispose();
}

/// <summary>What one step did.</summary>
internal enum OutputStep
{
    /// <summary>Moved something, and more may wait.</summary>
    More,

    /// <summary>Nothing to move is left for now.</summary>
    Done,

    /// <summary>The last writer is gone, and all is moved.</summary>
    End,
}
