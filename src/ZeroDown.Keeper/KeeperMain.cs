namespace ZeroDown.Keeper;

/// <summary>`zd keeper`: hidden, started by <see cref="KeeperStarter"/> or by an init system.</summary>
public static class KeeperMain
{
    /// <param name="args">What follows the verb: <c>--home DIR [--ready-fd N] [--daemon-command PROGRAM ARGUMENT…]</c>.</param>
    /// <returns>Exit code: 0 after an orderly end, 1 if it could not start, 2 for wrong arguments.</returns>
    public static int Run(string[] args) => throw new NotImplementedException();
}
