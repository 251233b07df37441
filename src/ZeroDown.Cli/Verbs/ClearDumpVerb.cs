using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Daemon.Survival;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd cleardump</c>: an empty list takes the place of what was saved, so nothing starts at the next boot. What runs is not touched.</summary>
internal sealed class ClearDumpVerb : Verb
{
    public override string Name => "cleardump";

    public override string[] OldSpellings => ["clear", "clear-dump"];

    public override string Summary => "empties the saved list; what runs is not touched";

    public override string[] Examples => ["zd cleardump"];

    public override bool Waits => false;

    public override Task<int> RunAsync(Invocation call)
    {
        call.Shell.Home.Prepare();
        try
        {
            DumpFile.Clear(call.Shell.Home);
        }
        catch (IOException problem)
        {
            throw new CommandException(ExitCode.Failed, $"the saved list is as it was: {Screen.Safe(problem.Message)}");
        }

        call.Shell.Screen.Answer($"{Screen.Safe(call.Shell.Home.Dump)} is empty now; what was saved before is {Screen.Safe(call.Shell.Home.PreviousDump)}");
        return Task.FromResult(ExitCode.Done);
    }
}
