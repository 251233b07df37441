namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd examples</c>: the examples of every verb's help on one page.</summary>
internal sealed class ExamplesVerb : Verb
{
    public override string Name => "examples";

    public override string Summary => "command lines to start from";

    public override string[] Examples => ["zd examples"];

    public override bool Waits => false;

    public override Task<int> RunAsync(Invocation call)
    {
        foreach (var verb in CommandLine.Verbs.Where(verb => verb.Name != Name))
        {
            call.Shell.Screen.Answer($"{verb.Name}: {verb.Summary}");
            foreach (var example in verb.Examples)
                call.Shell.Screen.Answer($"  {example}");
        }

        return Task.FromResult(ExitCode.Done);
    }
}
