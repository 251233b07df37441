using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>
/// What must hold before anything of ours is started in a home, or written to it: it is there, and ours alone. Whoever else owned it could put there what the daemon reads and what
/// workers run. The daemon does not ask again: workers must not lose it because somebody changed the owner under it.
/// </summary>
internal static class OwnHome
{
    /// <summary>Creates the folder if need be and makes it 0700.</summary>
    /// <exception cref="HomeFolderException">It cannot be used; the message says why and what to do.</exception>
    public static void Prepare(this HomeFolder home)
    {
        home.CheckSocketPaths();
        try
        {
            PrivateFolder.Make(home.Path);
        }
        catch (StrangersFolderException strangers)
        {
            throw new HomeFolderException(
                $"the home folder {strangers.Message}: whoever owns it could put files there that the daemon and its workers run. Run zd as that user, or set ZD_HOME to a folder of your own; one that is not there yet is made. If you trust what lies in this one: chown {CurrentUser.Uid} {home.Path}",
                strangers);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new HomeFolderException($"the home folder {home.Path} cannot be used: {problem.Message} Set ZD_HOME to a folder that you own.", problem);
        }
    }
}
