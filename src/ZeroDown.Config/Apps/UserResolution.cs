using System.Globalization;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>Looks up as whom a worker is to run, and says now what would fail at its launch.</summary>
internal sealed class UserResolution(Accounts accounts, Problems problems)
{
    /// <returns>As whom, and the account whose home the worker finds in HOME; null for ourselves.</returns>
    public (RunAs RunAs, Account? Account)? Of(AppDraft draft)
    {
        if (draft is { User: null, Group: null })
            return null;
        var user = draft.User is { } named ? User(named, draft.Group is not null) : null;
        var group = draft.Group is { } called ? Group(called) : null;
        if ((draft.User is not null && user is null) || (draft.Group is not null && group is null))
            return null;

        var uid = user?.User ?? accounts.OwnUser;
        var gid = group ?? user?.Group ?? accounts.OwnGroup;
        if (uid == accounts.OwnUser && (group is null || gid == accounts.OwnGroup))
            return null; // what we are already
        if (accounts.OwnUser != 0)
        {
            var place = (uid != accounts.OwnUser ? draft.User : draft.Group)!.Value.Place;
            problems.Error(
                place,
                $"{accounts.OwnName} cannot start a program as {(uid != accounts.OwnUser ? $"user {user!.Name}" : $"group {gid}")}: only root can",
                "run zd as root, or leave it out");
            return null;
        }

        return (new RunAs
        {
            Name = user?.Name ?? accounts.OwnName,
            UserId = uid,
            GroupId = gid,
            Groups = user is null ? [] : user.Groups.Select(one => one).ToEquatableArray(),
        }, user is { Home.Length: > 0 } ? user : null);
    }

    private Account? User(Setting<string> named, bool hasGroup)
    {
        if (accounts.FindUser(named.Value) is { } account)
            return account;
        // A number needs no name, but then nobody knows its group.
        if (uint.TryParse(named.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && hasGroup)
            return new Account(named.Value, number, number, "", []);
        problems.Error(
            named.Place,
            $"there is no user '{Printable.Short(named.Value)}' on this machine",
            uint.TryParse(named.Value, out _) ? "a number without an account needs 'gid' too" : "`getent passwd` shows who there is");
        return null;
    }

    private uint? Group(Setting<string> called)
    {
        if (accounts.FindGroup(called.Value) is { } group)
            return group;
        problems.Error(called.Place, $"there is no group '{Printable.Short(called.Value)}' on this machine", "`getent group` shows which there are");
        return null;
    }
}
