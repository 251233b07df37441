using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Verbs;
using ZeroDown.Cli.Views;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Cli;

/// <summary>From the words on the command line to an exit code: finds the verb, parses, runs, and turns every failure into one line.</summary>
internal sealed class CommandLine
{
    /// <summary>In the order of <c>zd --help</c>.</summary>
    public static Verb[] Verbs =>
    [
        new StartVerb(), new ReloadVerb(), new RestartVerb(), new StopVerb(), new DeleteVerb(), new ScaleVerb(),
        new StartOrReloadVerb(), new StartOrRestartVerb(), new RunVerb(), new ServeVerb(), new DeployVerb(), new PullVerb(), new ForwardVerb(), new BackwardVerb(),
        new SendSignalVerb(), new SendVerb(), new AttachVerb(),
        new ListVerb(), new DescribeVerb(), new EnvVerb(), new PidVerb(), new IdVerb(), new JlistVerb(), new PrettylistVerb(), new MonitVerb(),
        new LogsVerb(), new FlushVerb(), new ReloadLogsVerb(), new LogrotateVerb(), new ResetVerb(), new InspectVerb(),
        new SetVerb(), new MultisetVerb(), new GetVerb(), new ConfVerb(), new UnsetVerb(),
        new SaveVerb(), new ResurrectVerb(), new ClearDumpVerb(), new StartupVerb(), new UnstartupVerb(),
        new InitVerb(), new ImportVerb(), new OptionsVerb(), new PingVerb(), new DoctorVerb(), new UpdateVerb(), new KillVerb(), new SlistVerb(), new ReportVerb(), new CompletionVerb(), new ExamplesVerb(),
    ];

    private readonly Verb[] _verbs = Verbs;
    private readonly UserShell _shell;

    public CommandLine(UserShell shell) => _shell = shell;

    /// <returns>The exit code; see <see cref="ExitCode"/>. Never throws.</returns>
    public async Task<int> RunAsync(string[] args)
    {
        var screen = _shell.Screen;
        try
        {
            return await DispatchAsync(args);
        }
        catch (CommandException ended)
        {
            screen.Fail(ended.Message);
            return ended.ExitCode;
        }
        catch (OperationCanceledException stopped)
        {
            screen.Error.WriteLine(stopped is UnderWayException { Verb: var verb } ? $"interrupted; the daemon goes on with `zd {verb}`, and `zd list` shows how far it is" : "interrupted");
            return ExitCode.Interrupted;
        }
        catch (DaemonRefusedException refused) when (refused.Code is RpcError.OtherVersion or RpcError.MethodNotFound or RpcError.InvalidParams)
        {
            var (words, isReason) = await OtherVersion.WordsAsync(_shell.Home, refused);
            screen.Fail(words);
            return isReason ? ExitCode.DaemonNotReachable : ExitCode.Failed;
        }
        catch (DaemonRefusedException refused)
        {
            screen.Fail(Screen.Safe(refused.Message));
            return ExitCode.Failed;
        }
        catch (DaemonLeftException)
        {
            screen.Fail($"the daemon ended before it answered; its log is {Screen.Safe(_shell.Home.DaemonLog)}, and `zd list` shows whether its keeper has brought the next one");
            return ExitCode.DaemonNotReachable;
        }
        catch (HomeFolderException home)
        {
            screen.Fail(Screen.Safe(home.Message));
            return ExitCode.DaemonNotReachable;
        }
        catch (Exception bug)
        {
            screen.Fail(Environment.GetEnvironmentVariable("ZD_DEBUG") == "1" ? bug.ToString() : $"{Screen.Safe(bug.Message)} (ZD_DEBUG=1 shows where)");
            return ExitCode.Failed;
        }
    }

    private async Task<int> DispatchAsync(string[] args)
    {
        var place = FlagPlaces.OfVerb(args, _verbs);
        var word = place < 0 ? null : args[place];
        var verb = word is null ? null : Array.Find(_verbs, candidate => candidate.IsCalled(word));
        if (word is not null && verb is null)
        {
            if (AbsentVerbs.Say(word) is { } why)
                throw new CommandException(ExitCode.Failed, why);
            var hint = Nearest.Hint(word, _verbs.SelectMany(known => known.Aliases.Prepend(known.Name)));
            throw new CommandException(ExitCode.WrongUsage, $"there is no command '{Screen.Safe(word)}'; {hint ?? "zd --help shows what there is"}");
        }

        if (verb is not null)
            args = [verb.Name, .. args[..place], .. args[(place + 1)..]];
        var (own, foreign) = Split(args, verb);
        var root = Root(verb);
        FlagPlaces.RespellCamelCase(own, root);
        FlagPlaces.CloseBareFlags(own);
        var parsed = root.Parse(own, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var shell = _shell with { Screen = Adjusted(_shell.Screen, parsed) };
        var output = new InvocationConfiguration { Output = shell.Screen.Out, Error = shell.Screen.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (parsed.Action is not null and not ParseErrorAction)
            return await parsed.InvokeAsync(output);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                shell.Screen.Fail(Screen.Safe(error.Message));
            shell.Screen.Error.WriteLine($"see zd {verb?.Name ?? ""} --help".Replace("  ", " ", StringComparison.Ordinal));
            return ExitCode.WrongUsage;
        }

        if (verb is null)
            return await Root(null).Parse(["--help"]).InvokeAsync(output);
        if (verb is not RunVerb)
            FlagPlaces.SayWhatIsOtherwise(parsed, shell.Screen);
        using var interruption = verb.Waits ? new Interruption() : null;
        return await verb.RunAsync(new Invocation(word!, parsed, foreign, shell, interruption?.Token ?? CancellationToken.None));
    }

    private static (string[] Own, string[] Foreign) Split(string[] args, Verb? verb)
    {
        var at = verb is { TakesForeignArguments: true } ? Array.IndexOf(args, "--") : -1;
        return at < 0 ? ([.. args], []) : (args[..at], args[(at + 1)..]);
    }

    /// <summary>Only the verb that was called is declared in full; the others are names for the help.</summary>
    private RootCommand Root(Verb? called)
    {
        var root = new RootCommand("ZeroDown starts programs, keeps them running and replaces them while they serve. pm2's verbs and flags.")
        {
            new Option<bool>("--silent", "-s") { Recursive = true, Description = "errors only" },
            new Option<bool>("--no-color") { Recursive = true, Description = "no colours (as NO_COLOR=1)" },
            new Option<string?>("--sort") { Recursive = true, HelpName = "FIELD[:desc]", Description = $"order of the list: {FleetOrder.Names}" },
            new Option<bool>("--mini-list", "-m") { Recursive = true, Description = "the list without a table" },
        };
        foreach (var verb in _verbs)
        {
            var command = new Command(verb.Name, verb.Summary);
            foreach (var alias in verb.Aliases)
                command.Aliases.Add(alias);
            if (verb == called)
            {
                verb.Declare(command);
                FlagPlaces.Tolerate(command);
            }

            root.Subcommands.Add(command);
        }

        foreach (var option in root.Options)
        {
            if (option is VersionOption)
                option.Aliases.Add("-v");
            else if (option is HelpOption { Action: HelpAction help })
            {
                help.MaxWidth = _shell.Screen.OutIsTerminal ? _shell.Screen.Width : int.MaxValue;
                option.Action = new HelpWithExamples(help, called?.Examples ?? []);
            }
        }

        return root;
    }

    private static Screen Adjusted(Screen screen, ParseResult parsed) => screen with
    {
        Silent = screen.Silent || parsed.GetValue<bool>("--silent"),
        Color = screen.Color && !parsed.GetValue<bool>("--no-color"),
    };

    private sealed class HelpWithExamples(HelpAction help, string[] examples) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            if (examples.Length > 0)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                    output.WriteLine($"  {example}");
                output.WriteLine();
            }

            return code;
        }
    }
}
