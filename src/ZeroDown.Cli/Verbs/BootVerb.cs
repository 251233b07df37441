using System.CommandLine;
using ZeroDown.Cli.Boot;
using ZeroDown.Cli.Terminal;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Verbs;

/// <summary>What <c>zd startup</c> and <c>zd unstartup</c> share: which init system, whose apps, and the sudo line for those who are not root.</summary>
internal abstract class BootVerb : Verb
{
    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string?>("platform")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = $"{string.Join(", ", BootSystem.All.Select(system => system.Name))}; none: the one that runs this machine",
        });
        command.Options.Add(new Option<string?>("--user", "-u") { HelpName = "USER", Description = "whose apps; as root" });
        command.Options.Add(new Option<string?>("--hp") { HelpName = "FOLDER", Description = "the home folder of that user" });
        command.Options.Add(new Option<string?>("--service-name") { HelpName = "NAME", Description = "zd-USER unless another is given" });
        command.Options.Add(new Option<bool>("--wait-ip") { Description = "start only when the network is there" });
        command.Options.Add(new Option<bool>("--dry-run") { Description = "show the files and commands, touch nothing" });
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var screen = call.Shell.Screen;
        var system = System(call);
        var parsed = call.Parsed;
        var facts = Facts(call, parsed.GetValue<string?>("--user"), parsed.GetValue<string?>("--hp"), parsed.GetValue<string?>("--service-name")) with { WaitForNetwork = parsed.GetValue<bool>("--wait-ip") };
        var plan = Plan(system, facts);
        var work = new BootWork(screen, call.Cancellation);
        screen.Say($"init system: {system.Name}, service {Screen.Safe(plan.Service)}, home {Screen.Safe(facts.ZdHome)}");
        if (call.Parsed.GetValue<bool>("--dry-run"))
        {
            work.Show(plan);
            return ExitCode.Done;
        }

        if (plan.NeedsRoot && !CurrentUser.IsRoot)
        {
            screen.Answer("This needs root. Copy and paste:");
            screen.Answer(SudoLine(call, system, facts));
            if (system is SystemdSystem)
                screen.Say("or, without root, as a unit of your own: zd " + Name + " systemd-user");
            return ExitCode.Failed;
        }

        await work.DoAsync(plan);
        Finish(screen, facts);
        return ExitCode.Done;
    }

    protected abstract BootPlan Plan(BootSystem system, BootFacts facts);

    /// <summary>What to do next.</summary>
    protected abstract void Finish(Screen screen, BootFacts facts);

    private static BootSystem System(Invocation call)
    {
        if (call.Parsed.GetValue<string?>("platform") is { Length: > 0 } named)
        {
            return BootSystem.Find(named)
                ?? throw new CommandException(ExitCode.WrongUsage, $"there is no init system '{Screen.Safe(named)}' here; zd knows {string.Join(", ", BootSystem.All.Select(known => known.Name))}");
        }

        return BootSystem.Detect(path => File.Exists(path) || Directory.Exists(path))
            ?? throw new CommandException(
                ExitCode.Failed,
                "no init system was found that zd knows (systemd, launchd, OpenRC, runit). In a container `zd run ecosystem.yaml` is the command to start; elsewhere name one, or let yours run `zd resurrect --service` in the foreground");
    }

    /// <summary>The facts of one user, as whoever types it sees them.</summary>
    /// <param name="call">The user's shell.</param>
    /// <param name="user">Null: whoever types.</param>
    /// <param name="home">Of that user; null: as the account says.</param>
    /// <param name="service">Null: named after the user.</param>
    /// <exception cref="CommandException">One of them cannot be meant.</exception>
    public static BootFacts Facts(Invocation call, string? user, string? home, string? service)
    {
        var environment = call.Shell.Context().Environment;
        var name = user ?? CurrentUser.Name;
        var account = UserAccount.Find(name) ?? throw new CommandException(ExitCode.WrongUsage, $"there is no user '{Screen.Safe(name)}' on this machine");
        var userHome = home ?? account.Home;
        if (!Path.IsPathFullyQualified(userHome))
            throw new CommandException(ExitCode.WrongUsage, "--hp takes an absolute path");
        var given = environment.TryGetValue("ZD_HOME", out var zdHome) && zdHome.Length > 0;
        var facts = new BootFacts
        {
            User = account.Name,
            Uid = account.Uid,
            UserHome = userHome,
            ZdHome = given ? Path.GetFullPath(zdHome!, call.Shell.Context().CurrentDirectory) : Path.Combine(userHome, ".zd"),
            Zd = SelfExecutable.Current.Arguments.Count == 0 ? [SelfExecutable.Current.DisplayPath] : [SelfExecutable.Current.Path, .. SelfExecutable.Current.Arguments],
            Path = environment.TryGetValue("PATH", out var path) && path.Length > 0 ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            Service = service ?? $"zd-{account.Name}",
            // A zd that is no native binary needs its runtime.
            More = environment.TryGetValue("DOTNET_ROOT", out var dotnet) && dotnet.Length > 0 ? [("DOTNET_ROOT", dotnet)] : [],
        };
        if (facts.Service.Length is 0 or > 200 || facts.Service.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '@')))
            throw new CommandException(ExitCode.WrongUsage, "a service's name is made of letters, digits, '-', '_', '.' and '@'");
        if (facts.Unfit is { } strange)
            throw new CommandException(ExitCode.Failed, $"'{Screen.Safe(strange)}' has a character that no unit file can hold");
        return facts;
    }

    private string SudoLine(Invocation call, BootSystem system, BootFacts facts)
    {
        List<string> words = ["sudo", "env", $"PATH={facts.Path}"];
        if (facts.ZdHome != Path.Combine(facts.UserHome, ".zd"))
            words.Add($"ZD_HOME={facts.ZdHome}");
        words.AddRange(facts.More.Select(variable => $"{variable.Name}={variable.Value}"));
        words.AddRange([.. facts.Zd, Name, system.Name, "-u", facts.User, "--hp", facts.UserHome]);
        if (facts.Service != $"zd-{facts.User}")
            words.AddRange(["--service-name", facts.Service]);
        if (facts.WaitForNetwork)
            words.Add("--wait-ip");
        return ShellWords.Of(words);
    }
}
