namespace ZeroDown.Benchmarks;

/// <summary>
/// Where no cgroups do it, Linux divides the processors among sessions before it divides them among processes. zd gives each worker a session,
/// pm2 keeps all of its own in one, and the load generator on the same machine would get a third of it beside the one and half beside the
/// other. For the time of a run every process counts alike, as it does in a service or a container.
/// </summary>
internal sealed class Autogroup : IDisposable
{
    private const string Setting = "/proc/sys/kernel/sched_autogroup_enabled";
    private readonly string? _before;

    public Autogroup()
    {
        if (!File.Exists(Setting) || File.ReadAllText(Setting).Trim() == "0")
            return;
        try
        {
            File.WriteAllText(Setting, "0");
            _before = "1";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{Setting} is 1 and may not be changed: rates beside pm2 say more about sessions than about supervisors");
        }
    }

    public void Dispose()
    {
        if (_before is not null)
            File.WriteAllText(Setting, _before);
    }
}
