using System.CommandLine;
using System.CommandLine.Parsing;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Verbs;

namespace ZeroDown.Cli;

/// <summary>
/// pm2 takes flags in any position, also before the verb (<c>pm2 -n api start x.js</c>), and any flag at any verb. So the verb is
/// looked for among the words that are no flag's value, and moved to the front; flags that mean nothing to a verb are
/// swallowed there, if pm2 has them everywhere; and a flag may be spelled in camel case, as its option in a file.
/// </summary>
internal static class FlagPlaces
{
    /// <summary>pm2's flags that scripts put at verbs where they do nothing. Each is taken unless the verb has its own of that name.</summary>
    private static readonly Option[] Everywhere =
    [
        new Option<bool>("--force", "-f"),
        new Option<bool>("--update-env", "-a"),
        new Option<string>("--env"),
        new Option<string>("--only"),
        new Option<string>("--parallel"),
        new Option<bool>("--no-vizion"),
        new Option<bool>("--no-pmx"),
        new Option<bool>("--no-automation"),
        new Option<bool>("--no-daemon"),
        new Option<bool>("--attach"),
        new Option<string>("--ext"),
    ];

    /// <summary>Of those, the ones that ask for something that is done otherwise here, or not.</summary>
    /// <exception cref="CommandException">Exit 2: the command would do something else than what was meant.</exception>
    public static void SayWhatIsOtherwise(ParseResult parsed, Screen screen)
    {
        if (parsed.GetResult("--no-daemon") is OptionResult { Implicit: false })
            throw new CommandException(ExitCode.WrongUsage, "--no-daemon: what is to run in the foreground is started with `zd run`, which takes the same files and flags");
        if (parsed.GetResult("--ext") is OptionResult { Implicit: false })
            screen.Warn("--ext has no effect: --watch=PATH says what is watched, and --ignore-watch (ignore_watch in a file) what is not");
    }

    /// <summary>The place of the verb in the arguments, or of the first word when none is a verb; -1 when there is no word.</summary>
    public static int OfVerb(string[] args, Verb[] verbs)
    {
        var first = -1;
        var end = Array.IndexOf(args, "--") is var dashes && dashes < 0 ? args.Length : dashes;
        for (var place = 0; place < end; place++)
        {
            if (args[place].StartsWith('-') || (place > 0 && TakesValue(Kebab(args[place - 1]))))
                continue;
            if (Array.Exists(verbs, verb => verb.IsCalled(args[place])) || AbsentVerbs.Say(args[place]) is not null)
                return place;
            first = first < 0 ? place : first;
        }

        return first;
    }

    /// <summary><c>--maxMemoryRestart</c> is <c>--max-memory-restart</c>. What is no flag in either spelling stays as it was typed, for the message.</summary>
    public static void RespellCamelCase(string[] args, RootCommand root)
    {
        var known = root.Subcommands.Append<Command>(root).SelectMany(command => command.Options).SelectMany(option => option.Aliases.Prepend(option.Name)).ToHashSet(StringComparer.Ordinal);
        for (var place = 0; place < args.Length && args[place] != "--"; place++)
        {
            var (name, value) = args[place].IndexOf('=') is >= 0 and var end ? (args[place][..end], args[place][end..]) : (args[place], "");
            if (!known.Contains(name) && known.Contains(Kebab(name)))
                args[place] = Kebab(name) + value;
        }
    }

    /// <summary>A bare <c>--watch</c> takes no value, as in pm2; the parser would take the script behind it for a path.</summary>
    public static void CloseBareFlags(string[] args)
    {
        for (var place = 0; place < args.Length; place++)
        {
            if (args[place] == "--watch")
                args[place] = "--watch=true";
        }
    }

    /// <summary>Adds what pm2 takes everywhere and this verb has not declared.</summary>
    public static void Tolerate(Command command)
    {
        var known = command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var option in Everywhere)
        {
            if (known.Contains(option.Name))
                continue;
            option.Hidden = true;
            command.Options.Add(option);
        }
    }

    private static string Kebab(string flag) =>
        flag.StartsWith("--", StringComparison.Ordinal) ? string.Concat(flag.Select(letter => char.IsAsciiLetterUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{letter}")) : flag;

    private static bool TakesValue(string flag) =>
        flag is "--sort" or "--parallel" or "--env" or "--only" or "--lines"
            or "--user" or "-u" or "--hp" or "--service-name" or "--ready-file" or "--delay"
            or "--port" or "--host" or "--basic-auth-username" or "--basic-auth-password"
        || AppFlags.TakeValue(flag);
}
