// The runtime's rules for DOTNET_STARTUP_HOOKS: a class of exactly this name, outside any namespace, with exactly this method.
// It runs before Main, in whatever program the variable reached, so everything here must be safe in a console program that has
// no ASP.NET Core at all. Therefore no type of Microsoft.AspNetCore.* may appear in this file or in HostBuildingObserver.

using ZeroDown.AspNetCore;

internal static class StartupHook
{
    public static void Initialize()
    {
        try
        {
            HostBuildingObserver.Install();
        }
        catch (Exception e)
        {
            // An unchanged program must start as if we were not there; the operator still learns why it does not drain.
            Console.Error.WriteLine($"zerodown: not injected, the program runs without lossless drain: {e.Message}");
        }
    }
}
