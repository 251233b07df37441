using System.CommandLine;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// <c>zd completion</c>: a script for the shell, which asks <c>zd completion words -- …</c> at each TAB: verbs first, then, where a
/// verb takes them, the names of the apps that the daemon knows.
/// </summary>
internal sealed class CompletionVerb : Verb
{
    private static readonly string[] TakeNames =
    [
        "start", "reload", "restart", "stop", "delete", "scale", "describe", "logs", "flush", "reset", "reload-logs", "env", "pid", "id", "send-signal", "send", "attach",
    ];

    private const string Bash = """
        # bash: put this line into ~/.bashrc:   source <(zd completion bash)
        _zd() {
          local words
          words=$(zd completion words -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
          COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _zd zd

        """;

    private const string Zsh = """
        # zsh: put this line into ~/.zshrc, below compinit:   source <(zd completion zsh)
        _zd() {
          compadd -- $(zd completion words -- "${(@)words[2,CURRENT-1]}" 2>/dev/null)
          _files
        }
        compdef _zd zd

        """;

    public override string Name => "completion";

    public override string Summary => "a script that completes zd's words at TAB";

    public override string[] Examples => ["source <(zd completion bash)", "source <(zd completion zsh)"];

    public override bool Waits => false;

    public override bool TakesForeignArguments => true;

    public override void Declare(Command command)
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "words");
        command.Arguments.Add(shell);
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        switch (call.Parsed.GetValue<string>("shell"))
        {
            case "bash":
                call.Shell.Screen.Out.Write(Bash);
                break;
            case "zsh":
                call.Shell.Screen.Out.Write(Zsh);
                break;
            default:
                foreach (var word in await WordsAsync(call))
                    call.Shell.Screen.Out.WriteLine(word);
                break;
        }

        return ExitCode.Done;
    }

    private static async Task<IEnumerable<string>> WordsAsync(Invocation call)
    {
        var before = call.ForeignArguments.FirstOrDefault(word => !word.StartsWith('-'));
        if (before is null)
            return CommandLine.Verbs.Select(verb => verb.Name);
        if (Array.Find(CommandLine.Verbs, verb => verb.IsCalled(before)) is not { } verb || !TakeNames.Contains(verb.Name))
            return [];
        await using var connection = await call.Door.FindAsync(new Terminal.ProgressBoard(call.Shell.Screen), call.Cancellation);
        if (connection is null)
            return [];
        var fleet = await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation);
        // A name with blanks or signs would be more than one word to the shell.
        return fleet.Apps.Select(app => app.Definition.Name).Where(name => name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or ':')).Append("all");
    }
}
