using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>
/// Which home folder is meant. <c>ZD_HOME</c> where it is set, else <c>~/.zd</c>. In a container there may be no home folder, or none that can be written to: then
/// <c>zd run</c> takes the first of a few places in memory, and every other command finds it there by its pipe.
/// </summary>
/// <param name="Given">The value of <c>ZD_HOME</c>.</param>
/// <param name="UserHome">Empty when there is none.</param>
/// <param name="CurrentFolder">Where a relative <c>ZD_HOME</c> starts.</param>
/// <param name="Fallbacks">Places for a home of this user, best first.</param>
internal sealed record HomeSearch(string? Given, string UserHome, string CurrentFolder, IReadOnlyList<string> Fallbacks)
{
    public static HomeSearch OfThisProcess()
    {
        var uid = CurrentUser.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture);
        List<string> fallbacks = [];
        // `sudo -E` leaves it pointing at the folder of whoever typed that, who can exchange what lies in it.
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is ['/', ..] runtime && PrivateFolder.StrangerAt(runtime) is null)
            fallbacks.Add(Path.Combine(runtime, "zd"));
        if (CurrentUser.IsRoot)
            fallbacks.Add("/run/zd");
        // Everybody can make folders there. On macOS nobody tells us whose they are, and root would be allowed to use any.
        if (OperatingSystem.IsLinux() || !CurrentUser.IsRoot)
            fallbacks.AddRange([$"/dev/shm/zd-{uid}", Path.Combine(Path.GetTempPath(), $"zd-{uid}")]);
        return new HomeSearch(
            Environment.GetEnvironmentVariable("ZD_HOME"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Environment.CurrentDirectory, fallbacks);
    }

    /// <summary>The ordinary home, unless nobody of ours lives there and somebody does in one of the others.</summary>
    public HomeFolder Find()
    {
        var ordinary = Ordinary;
        if (!string.IsNullOrEmpty(Given) || (ordinary is not null && IsInhabited(ordinary)))
            return ordinary!;
        return Fallbacks.Where(IsNoLink).Select(path => new HomeFolder(path)).FirstOrDefault(IsInhabited)
            ?? ordinary ?? new HomeFolder(Fallbacks[0]);
    }

    /// <summary>One that can be used for a new daemon, made if need be.</summary>
    /// <param name="why">Said when it is not the ordinary one: why not.</param>
    /// <exception cref="HomeFolderException">There is none; the message has each place with its reason.</exception>
    public HomeFolder ForNew(out string? why)
    {
        why = null;
        if (!string.IsNullOrEmpty(Given))
            return Used(Ordinary!);
        List<string> problems = [];
        if (Ordinary is null)
            why = "This user has no home folder.";
        string?[] places = [Ordinary?.Path, .. Fallbacks];
        foreach (var place in places.OfType<string>())
        {
            try
            {
                if (!IsNoLink(place) && place != Ordinary?.Path)
                    throw new HomeFolderException($"{place} is a symbolic link; somebody else may have put it there.");
                return Used(new HomeFolder(place));
            }
            catch (HomeFolderException problem)
            {
                problems.Add(problem.Message);
                why ??= problem.Message;
            }
        }

        throw new HomeFolderException($"there is no folder for the daemon's sockets and locks. Tried: {string.Join(" ", problems)} Give the container a tmpfs (--tmpfs /run), or ZD_HOME.");
    }

    private HomeFolder? Ordinary =>
        !string.IsNullOrEmpty(Given) ? HomeFolder.Find(Given, UserHome, CurrentFolder)
        : Path.IsPathFullyQualified(UserHome) ? HomeFolder.Find(null, UserHome, CurrentFolder)
        : null;

    private static bool IsNoLink(string path) => new DirectoryInfo(path).LinkTarget is null;

    /// <summary>A pipe in somebody else's folder proves nothing: anybody can lay one where we look.</summary>
    private static bool IsInhabited(HomeFolder home) => File.Exists(home.Pipe) && PrivateFolder.StrangerAt(home.Path) is null;

    private static HomeFolder Used(HomeFolder home)
    {
        home.Prepare();
        return home;
    }
}
