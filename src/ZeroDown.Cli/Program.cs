using ZeroDown.Daemon;
using ZeroDown.Keeper;

namespace ZeroDown.Cli;

internal static class Program
{
    // The hidden roles come first: the trampoline runs once per worker, and nothing of the CLI may be touched on its way.
    private static int Main(string[] args) => args switch
    {
        ["exec-worker", .. var rest] => TrampolineMain.Run(rest),
        ["keeper", .. var rest] => KeeperMain.Run(rest),
        ["daemon", .. var rest] => DaemonMain.Run(rest),
        _ => 0,
    };
}
