using System.CommandLine;
using ZeroDown.Cli.Rotation;
using ZeroDown.Cli.Serving;
using ZeroDown.Cli.Terminal;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd logrotate</c>: a rule for the system's logrotate, for the log files of this home and those that apps have elsewhere.</summary>
internal sealed class LogrotateVerb : Verb
{
    private const string Folder = "/etc/logrotate.d";

    public override string Name => "logrotate";

    public override string Summary => "writes a rule for the system's logrotate (as root), or prints it";

    public override string[] Examples => ["zd logrotate --dry-run     prints the rule", "zd logrotate               as root: writes it to " + Folder];

    public override bool Waits => false;

    public override void Declare(Command command) =>
        command.Options.Add(new Option<bool>("--dry-run") { Description = "print it only" });

    public override async Task<int> RunAsync(Invocation call)
    {
        var home = call.Shell.Home;
        await using var connection = await call.Door.FindAsync(new ProgressBoard(call.Shell.Screen), call.Cancellation);
        var fleet = connection is null ? null : await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation);
        var elsewhere = (fleet?.Apps ?? []).SelectMany(app => app.Slots).SelectMany(slot => new[] { slot.OutLog, slot.ErrorLog, slot.CombinedLog }).OfType<string>()
            .Where(file => Path.GetDirectoryName(file) != home.Logs && !file.StartsWith("/dev/", StringComparison.Ordinal) && !file.Contains('"'))
            .Distinct().Order(StringComparer.Ordinal);
        var rule = new LogrotateRule(home.Path, string.Join(' ', ServeMain.Command.SkipLast(1).Select(LogrotateRule.InShell)), [Path.Combine(home.Logs, "*.log"), .. elsewhere])
        {
            Owner = CurrentUser.Uid == 0 ? null : (CurrentUser.Name, UserAccount.Find(CurrentUser.Name) is { } account ? $"{account.Gid}" : $"{CurrentUser.Gid}"),
        };
        if (call.Parsed.GetValue<bool>("--dry-run"))
        {
            call.Shell.Screen.Out.Write(rule.ToString());
            return ExitCode.Done;
        }

        var path = Path.Combine(Folder, $"zd-{CurrentUser.Name}");
        if (!Directory.Exists(Folder))
            throw new CommandException(ExitCode.Failed, $"there is no {Folder}: install logrotate. zd logrotate --dry-run prints the rule");
        try
        {
            await File.WriteAllTextAsync(path, rule.ToString(), call.Cancellation);
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{path} may be written by root only; zd logrotate --dry-run | sudo tee {path}");
        }

        call.Shell.Screen.Answer($"{path} is written: weekly, 12 files, compressed; change it there");
        return ExitCode.Done;
    }
}
