using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Serving;
using ZeroDown.Cli.Settings;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Upkeep;
using ZeroDown.Keeper;
using ZeroDown.Protocol;

namespace ZeroDown.Cli;

internal static class Program
{
    /// <summary>A daemon of the JIT build on a busy machine takes seconds.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    // The hidden roles come first: the trampoline runs once per worker, and nothing of the CLI may be touched on its way.
    private static int Main(string[] args) => args switch
    {
        ["exec-worker", .. var rest] => TrampolineMain.Run(rest),
        ["keeper", .. var rest] => KeeperMain.Run(rest),
        ["daemon", .. var rest] => DaemonMain.Run(rest),
        [ServeMain.Role, .. var rest] => ServeMain.Run(rest),
        ["attend", var home, .. var rest] => RunCommand(rest, new HomeFolder(home)),
        _ => RunCommand(args, null),
    };

    /// <param name="args">What was typed.</param>
    /// <param name="attended">The home of the keeper that started us to attend to it; null for everybody else.</param>
    private static int RunCommand(string[] args, HomeFolder? attended)
    {
        using var streams = OwnStreams.Open();
        var home = attended ?? HomeSearch.OfThisProcess().Find();
        var code = new CommandLine(new UserShell
        {
            Home = home,
            IsAttendant = attended is not null,
            Screen = streams.Screen,
            Context = () => ReadContext.OfThisProcess() with
            {
                CronProblem = CronPattern.Problem,
                Accounts = SystemAccounts.Read(),
                FileServer = [.. ServeMain.Command],
                Kept = new SettingsFile(home).VariablesOf,
            },
            In = OwnStreams.In,
            Words = args,
            StartDaemon = StartDaemon,
            BecomeKeeper = BecomeKeeper,
        }).RunAsync(args).GetAwaiter().GetResult();
        var finished = streams.Finish(code);
        // The exit code of `zd run` belongs to its apps.
        return attended is null ? finished : code;
    }

    private static string? StartDaemon(HomeFolder home)
    {
        if (home.WhyNotWritable() is { } problem)
            return $"nothing can be written in its home folder ({problem}). Mend that, or set ZD_HOME to another folder";
        using var start = KeeperStarter.StartDetached(home.Path);
        var report = start.Wait(StartPatience);
        if (report.Outcome == StartOutcome.TimedOut)
            start.EndIfUseless(home.KeeperLock);
        return report.Outcome switch
        {
            StartOutcome.Ready => null,
            StartOutcome.TimedOut => $"it does not listen after {StartPatience.TotalSeconds} s; {home.KeeperLog} and {home.DaemonLog} may say why",
            _ => report.Line,
        };
    }

    private static string BecomeKeeper(HomeFolder home, bool service, string[] words)
    {
        try
        {
            KeeperStarter.BecomeKeeper(home.Path, service, words);
            return "";
        }
        catch (IOException problem)
        {
            return problem.Message;
        }
    }
}
