namespace ZeroDown.Keeper;

/// <summary>Numbers that are the same on every Unix.</summary>
internal static class KeeperSignals
{
    internal const int HangUp = 1;
    internal const int Interrupt = 2;
    internal const int Quit = 3;
    internal const int Terminate = 15;
}
