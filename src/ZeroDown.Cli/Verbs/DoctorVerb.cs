using System.CommandLine;
using System.Text;
using System.Text.Json;
using ZeroDown.Cli.Health;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd doctor</c>: looks at all that zd depends on, a line each, with what to do. It changes nothing. Exit 1 when something is broken.</summary>
internal sealed class DoctorVerb : Verb
{
    public override string Name => "doctor";

    public override string Summary => "checks home, limits, daemon, saved list and boot unit, and says how to mend them";

    public override string[] Examples => ["zd doctor", "zd doctor --json"];

    public override bool Waits => false;

    public override void Declare(Command command) => command.Options.Add(new Option<bool>("--json") { Description = "an array of objects" });

    public override async Task<int> RunAsync(Invocation call)
    {
        var findings = await FindAsync(call);
        var screen = call.Shell.Screen;
        if (call.Parsed.GetValue<bool>("--json"))
        {
            screen.Out.WriteLine(Json(findings));
        }
        else
        {
            var width = findings.Max(finding => finding.Subject.Length);
            foreach (var finding in findings)
                screen.Answer(Line(finding, width, screen));
        }

        var broken = findings.Count(finding => finding.Severity == Severity.Broken);
        if (broken > 0)
            screen.Say(broken == 1 ? "1 thing is broken" : $"{broken} things are broken");
        return broken > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    private static async Task<List<Finding>> FindAsync(Invocation call)
    {
        var home = call.Shell.Home;
        var (fleet, refusal) = await FleetAsync(call);
        List<Finding> findings = [.. HomeChecks.Of(home)];
        if (refusal is not null)
            findings.Add(refusal);
        findings.AddRange(DaemonChecks.Of(home, fleet));
        findings.AddRange(SavedChecks.Of(home, fleet));
        findings.AddRange(await BootChecks.OfAsync(BootVerb.Facts(call, null, null, null), fleet, call.Cancellation));
        findings.AddRange(SystemChecks.Of(fleet));
        findings.AddRange(await ProgramChecks.OfAsync(call.Cancellation));
        return findings;
    }

    private static async Task<(FleetSnapshot? Fleet, Finding? Refusal)> FleetAsync(Invocation call)
    {
        try
        {
            await using var connection = await call.Door.FindAsync(new ProgressBoard(call.Shell.Screen), call.Cancellation);
            return (connection is null ? null : await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation), null);
        }
        catch (DaemonRefusedException other) when (other.Code == RpcError.OtherVersion)
        {
            return (null, Finding.Broken("versions", $"this is zd {Versions.Zd}, and {other.Message}", "zd update brings the daemon to this version, under load; or use the zd that started it"));
        }
        catch (Exception problem) when (problem is CommandException or DaemonLeftException or DaemonRefusedException or HomeFolderException)
        {
            return (null, Finding.Broken("daemon", $"it cannot be asked: {problem.Message}", $"its log is {call.Shell.Home.DaemonLog}"));
        }
    }

    private static string Line(Finding finding, int width, Screen screen)
    {
        var (sign, color) = finding.Severity switch
        {
            Severity.Good => ("✓", Ansi.Green),
            Severity.Note => ("·", Ansi.Dim),
            Severity.Warning => ("!", Ansi.Yellow),
            _ => ("✗", Ansi.Red),
        };
        var text = $"{screen.Paint(sign, color, screen.OutIsTerminal)} {finding.Subject.PadRight(width)}  {Screen.Safe(finding.Text)}";
        return finding.Remedy is { } remedy ? $"{text} → {Screen.Safe(remedy)}" : text;
    }

    private static string Json(List<Finding> findings)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("subject", finding.Subject);
                json.WriteString("severity", finding.Severity switch { Severity.Good => "good", Severity.Note => "note", Severity.Warning => "warning", _ => "broken" });
                json.WriteString("text", finding.Text);
                if (finding.Remedy is { } remedy)
                    json.WriteString("remedy", remedy);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
