namespace ZeroDown.Keeper;

/// <summary>`zd exec-worker`: hidden, started only by the keeper; turns itself into a worker.</summary>
public static class TrampolineMain
{
    /// <param name="args">What follows the verb.</param>
    /// <returns>Only if the program could not be executed.</returns>
    public static int Run(string[] args) => throw new NotImplementedException();
}
