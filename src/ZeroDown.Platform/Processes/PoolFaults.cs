using System.Runtime.ExceptionServices;

namespace ZeroDown.Platform;

/// <summary>
/// An exception in a callback of the thread pool (a timer, a signal) ends a .NET process. Keeper and daemon carry on instead: what failed is one look at memory or one
/// schedule, and the workers need their supervisor. Threads of our own are not covered: without them the process would only seem to live.
/// </summary>
public static class PoolFaults
{
    /// <summary>For the rest of the process; once.</summary>
    /// <param name="say">Gets the exception; from any thread.</param>
    public static void CarryOn(Action<Exception> say) => ExceptionHandling.SetUnhandledExceptionHandler(problem =>
    {
        if (!Thread.CurrentThread.IsThreadPoolThread)
        {
            return false;
        }

        say(problem);
        return true;
    });
}
