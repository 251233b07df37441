using System.Runtime.InteropServices;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd report</c>: what to put into a bug report. It has no environment variables and no output of workers.</summary>
internal sealed class ReportVerb : Verb
{
    private const int LogLines = 30;

    public override string Name => "report";

    public override string Summary => "versions, the list and the daemon's last lines, for a bug report";

    public override string[] Examples => ["zd report > report.txt"];

    public override bool Waits => false;

    public override async Task<int> RunAsync(Invocation call)
    {
        var screen = call.Shell.Screen;
        await using var connection = await call.Door.FindAsync(new ProgressBoard(screen), call.Cancellation);
        var fleet = connection is null ? null : await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation);
        screen.Answer($"zd          {Versions.Zd}");
        screen.Answer(fleet is null
            ? "daemon      none is running"
            : $"daemon      {Screen.Safe(fleet.Daemon.Version)}, pid {fleet.Daemon.Pid}, keeper {fleet.Daemon.KeeperPid}, since {DateTimeOffset.FromUnixTimeMilliseconds(fleet.Daemon.StartedAtMs):u}");
        screen.Answer($"home        {Screen.Safe(call.Shell.Home.Path)}");
        screen.Answer($"system      {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} processors");
        screen.Answer($"runtime     {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        screen.Answer("");
        ListVerb.Write(fleet ?? ListVerb.Nothing, call);
        foreach (var log in (ReadOnlySpan<string>)[call.Shell.Home.DaemonLog, call.Shell.Home.KeeperLog])
            WriteEnd(log, screen);
        return ExitCode.Done;
    }

    private static void WriteEnd(string path, Screen screen)
    {
        string[] lines;
        try
        {
            lines = [.. File.ReadLines(path).TakeLast(LogLines)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            lines = [$"({problem.Message})"];
        }

        screen.Answer($"\n{Screen.Safe(path)}, last {lines.Length} lines:");
        foreach (var line in lines)
            screen.Answer($"  {WorkerText.Safe(line)}");
    }
}
