namespace ZeroDown.Platform;

/// <summary>A call into the kernel failed in a way that its caller did not foresee.</summary>
public sealed class SystemCallException : IOException
{
    /// <param name="call">What was tried, for people: "open /var/log/x.log", "sendmsg".</param>
    /// <param name="errno">What the kernel answered.</param>
    public SystemCallException(string call, Errno errno)
        : base($"{call}: {errno}")
    {
        Call = call;
        Errno = errno;
    }

    public string Call { get; }

    public Errno Errno { get; }

    /// <summary>With the errno of the last native call of this thread. The text must be made without one: an <see cref="FdHandle"/> in it reads /proc.</summary>
    internal static SystemCallException FromLast(string call) => new(call, Errno.Last);
}
