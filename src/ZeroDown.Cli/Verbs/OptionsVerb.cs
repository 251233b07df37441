using System.CommandLine;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd options</c>: what an ecosystem file can say about an app, out of the very table that reads it.</summary>
internal sealed class OptionsVerb : Verb
{
    public override string Name => "options";

    public override string Summary => "what an ecosystem file can say about an app";

    public override string[] Examples =>
    [
        "zd options                  all of them, with type and default",
        "zd options kill_timeout     one, with its other spellings and its flag",
    ];

    public override bool Waits => false;

    public override void Declare(Command command) =>
        command.Arguments.Add(new Argument<string[]>("option") { Arity = ArgumentArity.ZeroOrMore, Description = "names or aliases; none: all options" });

    public override Task<int> RunAsync(Invocation call)
    {
        var screen = call.Shell.Screen;
        var asked = call.Parsed.GetValue<string[]>("option") ?? [];
        if (asked.Length == 0)
        {
            var table = new Table("option", "value", "default", "meaning");
            foreach (var option in AppOptions.All.Where(option => option.IsSupported))
                table.Add(option.Name, option.Type, option.Default ?? "", option.Meaning);
            table.Write(screen);
            screen.Say($"also read, and without effect here: {string.Join(", ", AppOptions.All.Where(option => !option.IsSupported).Select(option => option.Name))}");
            return Task.FromResult(ExitCode.Done);
        }

        var blocks = asked.Select(word => AppOptions.Find(word) is { } option
            ? Block(option)
            : throw new CommandException(ExitCode.Failed, $"there is no option '{Screen.Safe(word)}'; {AppOptions.DidYouMean(word) ?? "zd options lists them"}"));
        screen.Answer(string.Join("\n\n", blocks));
        return Task.FromResult(ExitCode.Done);
    }

    private static string Block(AppOption option)
    {
        string[] spellings = [.. option.Spellings.Where(spelling => spelling != option.Name)];
        string[] flags = [.. AppFlags.For(option.Name)];
        return string.Join('\n', ((string[])
        [
            $"{option.Name}: {option.Type}",
            $"  {option.Meaning}",
            option.Default is null ? "" : $"  default: {option.Default}",
            spellings.Length == 0 ? "" : $"  also: {string.Join(", ", spellings)}",
            flags.Length == 0 ? "" : $"  flag: {string.Join(", ", flags)}",
        ]).Where(line => line.Length > 0));
    }
}
