using System.Text;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Serving;
using ZeroDown.Cli.Settings;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Upkeep;
using ZeroDown.Keeper;
using ZeroDown.Platform.Launching;
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
        StandardStreams.FillClosed();
        // Not Console.Out: it flushes at every write and looks at the terminal first.
        using var output = Writer(Console.OpenStandardOutput(), autoFlush: false);
        using var error = Writer(Console.OpenStandardError(), autoFlush: true);
        var (outIsTerminal, errorIsTerminal) = (!Console.IsOutputRedirected, !Console.IsErrorRedirected);
        var (width, height) = outIsTerminal || errorIsTerminal ? (Console.WindowWidth, Console.WindowHeight) : (0, 0);
        var screen = new Screen(output, error)
        {
            OutIsTerminal = outIsTerminal,
            ErrorIsTerminal = errorIsTerminal,
            Color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Silent = Environment.GetEnvironmentVariable("PM2_SILENT") is "1" or "true",
            Width = width > 0 ? width : 80,
            Height = height > 0 ? height : 24,
        };
        var home = attended ?? HomeSearch.OfThisProcess().Find();
        var code = new CommandLine(new UserShell
        {
            Home = home,
            IsAttendant = attended is not null,
            Screen = screen,
            Context = () => ReadContext.OfThisProcess() with
            {
                CronProblem = CronPattern.Problem,
                Accounts = SystemAccounts.Read(),
                FileServer = [.. ServeMain.Command],
                Kept = new SettingsFile(home).VariablesOf,
            },
            In = () => Console.In,
            Words = args,
            StartDaemon = StartDaemon,
            BecomeKeeper = BecomeKeeper,
        }).RunAsync(args).GetAwaiter().GetResult();
        try
        {
            output.Flush();
        }
        catch (IOException)
        {
            // Whoever read our output has seen enough.
        }

        return code;
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

    private static StreamWriter Writer(Stream stream, bool autoFlush) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 4096) { AutoFlush = autoFlush };
}
