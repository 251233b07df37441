namespace ZeroDown.Cli.Asking;

/// <summary>Nobody waits any longer for the answer to a command that the daemon has; it is carried out all the same.</summary>
/// <param name="verb">As the user typed it.</param>
internal sealed class UnderWayException(string verb) : OperationCanceledException
{
    public string Verb => verb;
}
