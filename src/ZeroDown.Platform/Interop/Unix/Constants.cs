namespace ZeroDown.Platform;

/// <summary>Numbers of the kernel's headers. Where Linux and macOS differ, both stand side by side; a test compares them with what the C compiler says.</summary>
/// <remarks>The names are the headers' own, so that a reader can look them up. Linux values hold for x64 and arm64.</remarks>
internal static class Constants
{
    private static bool Mac => OperatingSystem.IsMacOS();

    // fcntl.h
    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal static int O_CREAT => Mac ? 0x200 : 0x40;
    internal static int O_EXCL => Mac ? 0x800 : 0x80;
    internal static int O_NOCTTY => Mac ? 0x20000 : 0x100;
    internal static int O_APPEND => Mac ? 0x8 : 0x400;
    /// <summary>One of the few flags whose number depends on the processor too.</summary>
    internal static int O_NOFOLLOW => Mac ? 0x100
        : System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture is System.Runtime.InteropServices.Architecture.Arm64 or System.Runtime.InteropServices.Architecture.Arm ? 0x8000
        : 0x20000;

    internal static int O_NONBLOCK => Mac ? 0x4 : 0x800;
    internal static int O_CLOEXEC => Mac ? 0x1000000 : 0x80000;
    internal static int F_DUPFD_CLOEXEC => Mac ? 67 : 1030;
    internal const int F_GETFD = 1;
    internal const int F_SETFD = 2;
    internal const int F_GETFL = 3;
    internal const int F_SETFL = 4;
    internal const int F_SETPIPE_SZ = 1031; // Linux
    internal const int F_GETPIPE_SZ = 1032; // Linux
    internal const int FD_CLOEXEC = 1;
    internal const int AT_FDCWD = -100; // Linux
    internal const int AT_SYMLINK_NOFOLLOW = 0x100; // Linux
    internal const int AT_EMPTY_PATH = 0x1000; // Linux
    internal const int SEEK_END = 2;

    // sys/stat.h, linux/stat.h
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const uint S_IFMT = 0xF000;
    internal const uint S_IFDIR = 0x4000;
    internal const uint S_IFREG = 0x8000;
    internal const uint S_ISVTX = 0x200;
    internal const uint WritableByOthers = 0x12; // S_IWGRP | S_IWOTH
    internal const uint S_IFSOCK = 0xC000;

    // unistd.h
    internal const int X_OK = 1;
    internal const int W_OK = 2;

    // sys/file.h
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;

    // sys/socket.h
    internal const int AF_UNSPEC = 0;
    internal const int AF_UNIX = 1;
    internal const int AF_INET = 2;
    internal static int AF_INET6 => Mac ? 30 : 10;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_SEQPACKET = 5;
    internal const int SOCK_NONBLOCK = 0x800; // Linux
    internal const int SOCK_CLOEXEC = 0x80000; // Linux
    internal const int AF_NETLINK = 16; // Linux
    internal static int SOL_SOCKET => Mac ? 0xffff : 1;
    internal static int SO_REUSEADDR => Mac ? 0x4 : 2;
    internal static int SO_REUSEPORT => Mac ? 0x200 : 15;
    internal static int SO_LINGER => Mac ? 0x1080 : 13; // macOS: SO_LINGER_SEC; plain SO_LINGER counts in ticks there
    internal static int SO_SNDBUF => Mac ? 0x1001 : 7;
    internal static int SO_RCVBUF => Mac ? 0x1002 : 8;
    internal static int SO_ACCEPTCONN => Mac ? 0x2 : 30;
    internal static int SO_TYPE => Mac ? 0x1008 : 3;
    internal const int SO_PASSCRED = 16; // Linux
    internal const int SO_PEERCRED = 17; // Linux
    internal const int SO_ATTACH_FILTER = 26; // Linux
    internal const int SO_DETACH_FILTER = 27; // Linux
    internal const int SO_PEEK_OFF = 42; // Linux
    internal const int SO_ATTACH_REUSEPORT_CBPF = 51; // Linux
    internal const int SO_NOSIGPIPE = 0x1022; // macOS
    internal const int SCM_RIGHTS = 1;
    internal const int SCM_CREDENTIALS = 2; // Linux
    internal const int MSG_PEEK = 2;
    internal static int MSG_TRUNC => Mac ? 0x10 : 0x20;
    internal static int MSG_CTRUNC => Mac ? 0x20 : 0x8;
    internal static int MSG_DONTWAIT => Mac ? 0x80 : 0x40;
    internal static int MSG_NOSIGNAL => Mac ? 0 : 0x4000; // macOS: SO_NOSIGPIPE on the socket instead
    internal const int MSG_CMSG_CLOEXEC = 0x40000000; // Linux
    internal const int SHUT_RD = 0;
    internal const int SHUT_RDWR = 2;

    // netinet/in.h, netinet/tcp.h
    internal const int IPPROTO_TCP = 6;
    internal const int IPPROTO_IPV6 = 41;
    internal static int IPV6_V6ONLY => Mac ? 27 : 26;
    internal const int TCP_INFO = 11; // Linux

    // linux/filter.h
    internal const int BPF_RET = 0x06; // Linux
    internal const int BPF_K = 0x00; // Linux

    // linux/netlink.h, linux/sock_diag.h
    internal const int NETLINK_SOCK_DIAG = 4;
    internal const int SOCK_DIAG_BY_FAMILY = 20;
    internal const int NLM_F_REQUEST = 1;
    internal const int NLM_F_DUMP = 0x300;
    internal const int NLMSG_DONE = 3;

    // poll.h, sys/epoll.h (the low bits of epoll are poll's)
    internal const short POLLIN = 1;
    internal const short POLLOUT = 4;
    internal const short POLLERR = 8;
    internal const short POLLHUP = 16;
    internal const short POLLNVAL = 32;
    internal const short POLLRDHUP = 0x2000; // Linux
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const uint EPOLLET = 1u << 31;
    internal const int EPOLL_CLOEXEC = 0x80000;

    // sys/inotify.h, Linux
    internal const int IN_NONBLOCK = 0x800;
    internal const int IN_CLOEXEC = 0x80000;
    internal const uint IN_MODIFY = 2;
    internal const uint IN_CLOSE_WRITE = 8;
    internal const uint IN_MOVED_FROM = 0x40;
    internal const uint IN_MOVED_TO = 0x80;
    internal const uint IN_CREATE = 0x100;
    internal const uint IN_DELETE = 0x200;
    internal const uint IN_Q_OVERFLOW = 0x4000;
    internal const uint IN_IGNORED = 0x8000;
    internal const uint IN_ONLYDIR = 0x1000000;
    internal const uint IN_DONT_FOLLOW = 0x2000000;
    internal const uint IN_ISDIR = 0x40000000;

    // splice, memfd, ioctl
    internal const uint SPLICE_F_MOVE = 1; // Linux
    internal const uint SPLICE_F_NONBLOCK = 2; // Linux
    internal const uint MFD_CLOEXEC = 1; // Linux
    internal const nuint TIOCOUTQ = 0x5411; // Linux; SIOCOUTQ for sockets
    internal static nuint FIONREAD => Mac ? 0x4004667fu : 0x541Bu;
    internal static nuint TIOCGWINSZ => Mac ? 0x40087468u : 0x5413u;

    // sys/syscall.h: the same numbers on x64 and arm64, because they are younger than the common table
    internal const int SYS_pidfd_send_signal = 424;
    internal const int SYS_pidfd_open = 434;
    internal const int SYS_pidfd_getfd = 438;

    // linux/pidfd.h
    internal const nint PIDFD_SIGNAL_PROCESS_GROUP = 4;
    internal const ulong PIDFD_INFO_EXIT = 8;
    internal const nuint PIDFD_GET_INFO = 0xC040FF0B; // of 64 bytes, the first version of struct pidfd_info

    // time.h, sys/resource.h, unistd.h
    internal static int CLOCK_MONOTONIC => Mac ? 6 : 1;
    internal static int CLOCK_BOOTTIME => Mac ? 6 : 7; // macOS: its CLOCK_MONOTONIC goes on while asleep
    internal static int RLIMIT_NOFILE => Mac ? 8 : 7;
    internal static int SC_CLK_TCK => Mac ? 3 : 2;
}
