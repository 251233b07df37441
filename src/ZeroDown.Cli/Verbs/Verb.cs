using System.CommandLine;
using ZeroDown.Cli.Asking;

namespace ZeroDown.Cli.Verbs;

/// <summary>One verb of the command line: its words, its help, its flags, and what it does.</summary>
internal abstract class Verb
{
    public abstract string Name { get; }

    public virtual string[] Aliases => [];

    /// <summary>Spellings of pm2 that work and are not shown.</summary>
    public virtual string[] OldSpellings => [];

    /// <summary>One line of <c>zd --help</c>.</summary>
    public abstract string Summary { get; }

    /// <summary>Command lines with what they do, shown below the verb's help.</summary>
    public abstract string[] Examples { get; }

    /// <summary>True when Ctrl-C ends the waiting and is worth a sentence.</summary>
    public virtual bool Waits => true;

    /// <summary>True for verbs that may be followed by <c>--</c> and arguments of somebody else.</summary>
    public virtual bool TakesForeignArguments => false;

    public bool IsCalled(string word) => word == Name || Aliases.Contains(word) || OldSpellings.Contains(word);

    /// <summary>Adds arguments and options.</summary>
    public virtual void Declare(Command command)
    {
    }

    /// <returns>The exit code.</returns>
    public abstract Task<int> RunAsync(Invocation call);
}

/// <summary>One call of a verb.</summary>
/// <param name="Verb">As it was spelled.</param>
/// <param name="Parsed">What was typed, by flag.</param>
/// <param name="ForeignArguments">What stood behind <c>--</c>.</param>
/// <param name="Shell">The user's side.</param>
/// <param name="Cancellation">Ctrl-C.</param>
internal sealed record Invocation(
    string Verb, ParseResult Parsed, IReadOnlyList<string> ForeignArguments, UserShell Shell, CancellationToken Cancellation)
{
    public DaemonDoor Door { get; } = new(Shell);

    /// <summary>Cancelled by Ctrl-C, and when nobody reads stdout any more.</summary>
    public CancellationTokenSource UntilReaderGone() => CancellationTokenSource.CreateLinkedTokenSource(Cancellation, Shell.Screen.ReaderGone());
}
