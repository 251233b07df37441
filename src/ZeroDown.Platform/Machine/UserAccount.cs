using System.Globalization;
using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

/// <summary>An account as the system knows it, from /etc/passwd or wherever its name service looks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its number.</param>
/// <param name="Gid">Its primary group.</param>
/// <param name="Home">Its home folder.</param>
/// <param name="Groups">Every group that it is in, the primary one too.</param>
public sealed record UserAccount(string Name, uint Uid, uint Gid, string Home, IReadOnlyList<uint> Groups)
{
    private const int ERANGE = 34;

    /// <summary>struct passwd and struct group are smaller than this everywhere.</summary>
    private const int EntrySize = 256;

    /// <summary>Looks an account up by name or number; null when there is none.</summary>
    public static unsafe UserAccount? Find(string nameOrNumber)
    {
        var isNumber = uint.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out var uid);
        return Lookup<UserAccount>((entry, buffer, size, found) =>
            isNumber ? Interop.GetPwUid(uid, entry, buffer, size, found) : Interop.GetPwNam(nameOrNumber, entry, buffer, size, found), FromEntry);
    }

    /// <summary>The number of a group, by name or number; null when there is no such name.</summary>
    public static unsafe uint? FindGroup(string nameOrNumber)
    {
        if (uint.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out var gid))
        {
            return gid;
        }

        // struct group: char *name, char *passwd, gid_t gid, char **members.
        return Lookup<object>((entry, buffer, size, found) => Interop.GetGrNam(nameOrNumber, entry, buffer, size, found), entry => *(uint*)(entry + (2 * sizeof(nint)))) as uint?;
    }

    private unsafe delegate int Search(byte* entry, byte* buffer, nuint size, byte** found);

    private unsafe delegate T Read<T>(byte* entry);

    /// <summary>The caller gives the memory for the strings, and only trying tells how much is needed.</summary>
    private static unsafe T? Lookup<T>(Search search, Read<T> read)
        where T : class
    {
        var entry = stackalloc byte[EntrySize];
        for (var size = 4096; size <= 1 << 20; size *= 2)
        {
            var memory = new byte[size];
            fixed (byte* buffer = memory)
            {
                byte* found = null;
                var error = search(entry, buffer, (nuint)size, &found);
                if (error != ERANGE)
                {
                    return found == null ? null : read(entry);
                }
            }
        }

        return null;
    }

    /// <summary>struct passwd: char *name, char *passwd, uid_t, gid_t; then Linux has gecos, dir, shell, and macOS has change (time_t) and class before them.</summary>
    private static unsafe UserAccount FromEntry(byte* entry)
    {
        var strings = (nint*)entry;
        var numbers = (uint*)(entry + (2 * sizeof(nint)));
        var home = strings[OperatingSystem.IsMacOS() ? 6 : 4];
        var name = Marshal.PtrToStringUTF8(strings[0]) ?? "";
        return new UserAccount(name, numbers[0], numbers[1], Marshal.PtrToStringUTF8(home) ?? "/", GroupsOf(name, numbers[1]));
    }

    private static unsafe uint[] GroupsOf(string name, uint gid)
    {
        var count = 64;
        for (var tries = 0; tries < 4; tries++)
        {
            var groups = new uint[count];
            fixed (uint* at = groups)
            {
                if (Interop.GetGroupList(name, gid, at, &count) >= 0)
                {
                    return groups[..count];
                }
            }

            count = Math.Max(count, groups.Length * 2);
        }

        return [gid];
    }
}
