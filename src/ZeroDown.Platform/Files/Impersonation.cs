namespace ZeroDown.Platform;

/// <summary>Whose rights count when a path is followed: an account with its groups.</summary>
/// <param name="Uid">Its number.</param>
/// <param name="Gid">Its primary group; new files get it.</param>
/// <param name="Groups">Its other groups.</param>
public sealed record FileUser(uint Uid, uint Gid, IReadOnlyList<uint> Groups);

/// <summary>Follows paths with the rights of another account, so that root reaches no further in a user's folder than the user himself.</summary>
/// <remarks>
/// <para>
/// A folder in which somebody else may write is a trap for root: what a path meant when it was checked, and what it means when it is opened, are two things, and a symbolic link, a
/// folder that was swapped or a hard link may lie in between. No check helps; not having the right does. setfsuid(2) exists for file servers, which have the same problem: it changes
/// what the kernel asks for files alone, of one thread alone, and takes root's rights over files away with it. Who we are for signals and ptrace(2) stays as it is.
/// </para>
/// <para>
/// What runs inside must be system calls and little else: a thread that is started there would keep the rights.
/// </para>
/// </remarks>
public static class Impersonation
{
    /// <summary>True where this process can take the rights of others at all: as root on Linux.</summary>
    public static bool IsPossible => OperatingSystem.IsLinux() && CurrentUser.IsRoot;

    /// <summary>Calls <paramref name="act"/> on this thread with the rights of <paramref name="user"/>; with our own where that is null or ourselves.</summary>
    /// <exception cref="UnauthorizedAccessException">This process cannot take these rights (not root, not Linux, or a container that forbids it); nothing was done.</exception>
    public static T Run<T>(FileUser? user, Func<T> act)
    {
        if (user is null || user.Uid == CurrentUser.Uid)
        {
            return act();
        }

        var own = Rights.OfThread();
        try
        {
            if (!IsPossible || !Rights.TryTake(user))
            {
                throw new UnauthorizedAccessException($"this process cannot use the rights of uid {user.Uid}");
            }

            return act();
        }
        finally
        {
            own.Restore();
        }
    }

    /// <inheritdoc cref="Run{T}(FileUser?, Func{T})"/>
    public static void Run(FileUser? user, Action act) =>
        Run(user, () =>
        {
            act();
            return true;
        });

    /// <summary>What this thread had, to be given back.</summary>
    private readonly record struct Rights(uint Gid, uint[] Groups, bool Dumpable)
    {
        internal static unsafe Rights OfThread()
        {
            if (!IsPossible)
            {
                return new Rights(0, [], false);
            }

            var groups = new uint[Math.Max(0, Interop.GetGroups(0, null))];
            fixed (uint* at = groups)
            {
                _ = Interop.GetGroups(groups.Length, at);
            }

            return new Rights((uint)Interop.SetFsGid(uint.MaxValue), groups, Interop.Prctl(LaunchConstants.PR_GET_DUMPABLE, 0, 0, 0, 0) == 1);
        }

        /// <summary>The user's number last: with it, the right to change the others may go.</summary>
        internal static bool TryTake(FileUser user)
        {
            if (Interop.SetGroupsOfThread([.. user.Groups]) != 0)
            {
                return false;
            }

            _ = Interop.SetFsGid(user.Gid);
            _ = Interop.SetFsUid(user.Uid);

            // Neither reports a failure; a number that cannot be is refused, and tells the one in force.
            return Interop.SetFsGid(uint.MaxValue) == (int)user.Gid && Interop.SetFsUid(uint.MaxValue) == (int)user.Uid;
        }

        internal void Restore()
        {
            if (!IsPossible)
            {
                return;
            }

            _ = Interop.SetFsUid((uint)CurrentUser.Uid);
            _ = Interop.SetFsGid(Gid);
            if (Interop.SetGroupsOfThread(Groups) != 0 || Interop.SetFsUid(uint.MaxValue) != CurrentUser.Uid || Interop.SetFsGid(uint.MaxValue) != (int)Gid)
            {
                // Anything that this thread did from here on would be done as somebody else.
                Environment.FailFast("the rights of this thread could not be given back");
            }

            if (Dumpable)
            {
                // The kernel takes it away at every change; the keeper looks into our descriptors, which a container may allow for dumpable processes alone.
                _ = Interop.Prctl(LaunchConstants.PR_SET_DUMPABLE, 1, 0, 0, 0);
            }
        }
    }
}
