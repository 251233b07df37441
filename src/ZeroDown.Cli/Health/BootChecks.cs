using System.ComponentModel;
using CliWrap;
using CliWrap.Buffered;
using ZeroDown.Cli.Boot;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Health;

/// <summary>Whether the apps start with the machine, and whether the unit is as <c>zd startup</c> would write it today.</summary>
internal static class BootChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="facts">Of this user.</param>
    /// <param name="fleet">Null when there is no daemon.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static async Task<IReadOnlyList<Finding>> OfAsync(BootFacts facts, FleetSnapshot? fleet, CancellationToken cancellation)
    {
        List<Finding> findings = [];
        var here = BootSystem.Detect(path => File.Exists(path) || Directory.Exists(path));
        var candidates = here is SystemdSystem ? [here, new SystemdUser()] : here is null ? Array.Empty<BootSystem>() : [here];
        var installed = Array.Find(candidates, system => File.Exists(system.MainFile(facts)));
        if (here is null)
            findings.Add(Finding.Note("boot", "no init system that zd knows; in a container, `zd run` is the command"));
        else if (installed is null)
            findings.Add(Finding.Note("boot", $"{here.Name}: nothing starts with the machine", "zd save && zd startup"));
        else
            findings.Add(await UnitAsync(installed, facts, cancellation));
        if (fleet is not null && Group(fleet.Daemon.KeeperPid) is { } group)
            findings.Add(group);
        return findings;
    }

    private static async Task<Finding> UnitAsync(BootSystem system, BootFacts facts, CancellationToken cancellation)
    {
        var file = system.MainFile(facts);
        var wanted = system.Install(facts).Steps.OfType<BootStep.Write>().First().Text;
        string text;
        try
        {
            text = await File.ReadAllTextAsync(file, cancellation);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Finding.Warn("boot", $"{file} cannot be read: {problem.Message}", "look as root");
        }

        var program = text.Split('\n').Where(line => line.StartsWith("ExecStart=", StringComparison.Ordinal)).Select(line => line["ExecStart=".Length..].Split(' ')[0].Trim('"')).FirstOrDefault();
        if (program is not null && !File.Exists(program))
            return Finding.Broken("boot", $"{file} starts {program}, which is not there", $"zd startup {system.Name}");
        if (!text.Contains(facts.ZdHome, StringComparison.Ordinal))
            return Finding.Warn("boot", $"{file} is for another home folder than {facts.ZdHome}", $"zd startup {system.Name}");
        if (system is Systemd && await AskAsync("systemctl", system is SystemdUser ? ["--user", "is-enabled", $"{facts.Service}.service"] : ["is-enabled", $"{facts.Service}.service"], cancellation) is { } state && state != "enabled")
            return Finding.Broken("boot", $"{file} is there and {state}", $"systemctl {(system is SystemdUser ? "--user " : "")}enable {facts.Service}");
        return text == wanted
            ? Finding.Good("boot", $"{system.Name}: {file}")
            : Finding.Note("boot", $"{file} is not as this zd would write it in this shell (PATH, options)", $"zd startup {system.Name} --dry-run shows it");
    }

    /// <summary>A keeper that was started from a login session lives in the session's control group, and may end with it.</summary>
    private static Finding? Group(int keeper)
    {
        if (RunningProgram.ControlGroup(keeper) is not { } group || group is "" or "/")
            return null;
        var last = Path.GetFileName(group);
        return last.StartsWith("session-", StringComparison.Ordinal) && last.EndsWith(".scope", StringComparison.Ordinal)
            ? Finding.Warn("control group", $"the keeper belongs to the login session {last}: where logind has KillUserProcesses=yes, it ends at logout, with all apps", "zd startup, and let the unit start it")
            : Finding.Good("control group", group);
    }

    private static async Task<string?> AskAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Patience);
        try
        {
            var run = await CliWrap.Cli.Wrap(program).WithArguments(arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(late.Token);
            return run.StandardOutput.Trim() is { Length: > 0 } answer ? answer : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
