using System.Collections;
using System.Globalization;
using CliWrap;
using ZeroDown.Cli.Terminal;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Repository;

/// <summary>
/// As whom programs run that a folder's files decide about: git runs its hooks, npm its scripts. Whoever owns the folder could become root by them, so root runs them as the owner,
/// with what <c>su -</c> would leave of the environment. In folders of root's own, and for everybody else, nothing changes.
/// </summary>
internal static class FolderOwner
{
    private static readonly string[] Kept = ["PATH", "LANG", "TERM", "TZ", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

    /// <exception cref="CommandException">The owner has no account on this machine.</exception>
    public static Command AsOwnerOf(this Command command, string folder)
    {
        if (!CurrentUser.IsRoot || FileOwner.UidBehind(folder) is not { } uid || uid == CurrentUser.Uid)
            return command;
        var owner = UserAccount.Find(uid.ToString(CultureInfo.InvariantCulture)) ?? throw new CommandException(
            ExitCode.Failed, $"{Screen.Safe(folder)} belongs to uid {uid}, who has no account here, and root does not run what lies in it; chown -R root {Screen.Safe(folder)} if it is to be root's");
        return command
            .WithCredentials(new Credentials(domain: null, owner.Name))
            .WithEnvironmentVariables(variables =>
            {
                foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
                {
                    var name = (string)one.Key;
                    if (!Kept.Contains(name) && !name.StartsWith("LC_", StringComparison.Ordinal))
                        variables.Set(name, null);
                }

                variables.Set("HOME", owner.Home).Set("USER", owner.Name).Set("LOGNAME", owner.Name);
            });
    }
}
