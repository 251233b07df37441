using ZeroDown.Config;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Asking;

/// <summary>The machine's accounts, as Config asks for them.</summary>
internal static class SystemAccounts
{
    public static Accounts Read() => new()
    {
        OwnUser = (uint)CurrentUser.Uid,
        OwnGroup = (uint)CurrentUser.Gid,
        OwnName = CurrentUser.Name,
        FindUser = name => UserAccount.Find(name) is { } found ? new Account(found.Name, found.Uid, found.Gid, found.Home, [.. found.Groups]) : null,
        FindGroup = UserAccount.FindGroup,
    };
}
