using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

/// <summary>An error number of the C library, with its header name and its text.</summary>
/// <param name="Value">The raw number; 0 means no error. Linux and macOS number many of them differently, so never store it across machines.</param>
public readonly record struct Errno(int Value)
{
    private static readonly (string Name, int Linux, int Mac)[] Table =
    [
        ("EPERM", 1, 1), ("ENOENT", 2, 2), ("ESRCH", 3, 3), ("EINTR", 4, 4), ("EIO", 5, 5), ("ENXIO", 6, 6), ("E2BIG", 7, 7), ("ENOEXEC", 8, 8),
        ("EBADF", 9, 9), ("ECHILD", 10, 10), ("EAGAIN", 11, 35), ("ENOMEM", 12, 12), ("EACCES", 13, 13), ("EFAULT", 14, 14), ("EBUSY", 16, 16),
        ("EEXIST", 17, 17), ("EXDEV", 18, 18), ("ENODEV", 19, 19), ("ENOTDIR", 20, 20), ("EISDIR", 21, 21), ("EINVAL", 22, 22), ("ENFILE", 23, 23),
        ("EMFILE", 24, 24), ("ENOTTY", 25, 25), ("ETXTBSY", 26, 26), ("EFBIG", 27, 27), ("ENOSPC", 28, 28), ("ESPIPE", 29, 29), ("EROFS", 30, 30),
        ("EMLINK", 31, 31), ("EPIPE", 32, 32), ("ERANGE", 34, 34), ("ENAMETOOLONG", 36, 63), ("ENOSYS", 38, 78), ("ENOTEMPTY", 39, 66), ("ELOOP", 40, 62),
        ("ENOTSOCK", 88, 38), ("EDESTADDRREQ", 89, 39), ("EMSGSIZE", 90, 40), ("ENOPROTOOPT", 92, 42), ("EPROTONOSUPPORT", 93, 43), ("EOPNOTSUPP", 95, 102),
        ("EAFNOSUPPORT", 97, 47), ("EADDRINUSE", 98, 48), ("EADDRNOTAVAIL", 99, 49), ("ENETDOWN", 100, 50), ("ENETUNREACH", 101, 51), ("ECONNABORTED", 103, 53),
        ("ECONNRESET", 104, 54), ("ENOBUFS", 105, 55), ("EISCONN", 106, 56), ("ENOTCONN", 107, 57), ("ETOOMANYREFS", 109, 59), ("ETIMEDOUT", 110, 60),
        ("ECONNREFUSED", 111, 61), ("EHOSTUNREACH", 113, 65), ("EALREADY", 114, 37), ("EINPROGRESS", 115, 36), ("EDQUOT", 122, 69), ("ECANCELED", 125, 89),
    ];

    public static Errno None => default;
    public static Errno EPERM { get; } = ByName("EPERM");
    public static Errno ENOENT { get; } = ByName("ENOENT");
    public static Errno ELOOP { get; } = ByName("ELOOP");
    public static Errno ESRCH { get; } = ByName("ESRCH");
    public static Errno EINTR { get; } = ByName("EINTR");
    public static Errno EIO { get; } = ByName("EIO");
    public static Errno ENXIO { get; } = ByName("ENXIO");
    public static Errno ENOEXEC { get; } = ByName("ENOEXEC");
    public static Errno ECHILD { get; } = ByName("ECHILD");
    public static Errno EBADF { get; } = ByName("EBADF");
    public static Errno EAGAIN { get; } = ByName("EAGAIN");
    public static Errno ENOMEM { get; } = ByName("ENOMEM");
    public static Errno EACCES { get; } = ByName("EACCES");
    public static Errno EBUSY { get; } = ByName("EBUSY");
    public static Errno EEXIST { get; } = ByName("EEXIST");
    public static Errno ENOTDIR { get; } = ByName("ENOTDIR");
    public static Errno EINVAL { get; } = ByName("EINVAL");
    public static Errno ENFILE { get; } = ByName("ENFILE");
    public static Errno EMFILE { get; } = ByName("EMFILE");
    public static Errno ENOSPC { get; } = ByName("ENOSPC");
    public static Errno EDQUOT { get; } = ByName("EDQUOT");
    public static Errno EROFS { get; } = ByName("EROFS");
    public static Errno ESPIPE { get; } = ByName("ESPIPE");
    public static Errno EPIPE { get; } = ByName("EPIPE");
    public static Errno ENAMETOOLONG { get; } = ByName("ENAMETOOLONG");
    public static Errno ENOSYS { get; } = ByName("ENOSYS");
    public static Errno ENOTSOCK { get; } = ByName("ENOTSOCK");
    public static Errno EMSGSIZE { get; } = ByName("EMSGSIZE");
    public static Errno EAFNOSUPPORT { get; } = ByName("EAFNOSUPPORT");
    public static Errno EADDRINUSE { get; } = ByName("EADDRINUSE");
    public static Errno EADDRNOTAVAIL { get; } = ByName("EADDRNOTAVAIL");
    public static Errno ECONNRESET { get; } = ByName("ECONNRESET");
    public static Errno ENOBUFS { get; } = ByName("ENOBUFS");
    public static Errno ENOTCONN { get; } = ByName("ENOTCONN");
    public static Errno ETOOMANYREFS { get; } = ByName("ETOOMANYREFS");
    public static Errno ECONNREFUSED { get; } = ByName("ECONNREFUSED");

    /// <summary>The errno that the last native call of this thread left. Read it at once: any other call may change it.</summary>
    internal static Errno Last => new(Marshal.GetLastPInvokeError());

    /// <summary>The header's name ("ENOENT"), or "errno 123" for one that is not in our table.</summary>
    public string Name
    {
        get
        {
            foreach (var (name, linux, mac) in Table)
            {
                if (Value == (OperatingSystem.IsMacOS() ? mac : linux))
                {
                    return name;
                }
            }

            return Value == 0 ? "no error" : $"errno {Value}";
        }
    }

    /// <summary>The C library's text for it, for people ("No such file or directory").</summary>
    public string Text => Marshal.GetPInvokeErrorMessage(Value);

    /// <summary>All names that the table knows, with this system's number; for the test against the C compiler.</summary>
    internal static IEnumerable<(string Name, int Value)> Known => Table.Select(row => (row.Name, OperatingSystem.IsMacOS() ? row.Mac : row.Linux));

    private static Errno ByName(string name)
    {
        var (_, linux, mac) = Array.Find(Table, row => row.Name == name);
        return new(OperatingSystem.IsMacOS() ? mac : linux);
    }

    public override string ToString() => $"{Text} ({Name})";
}
