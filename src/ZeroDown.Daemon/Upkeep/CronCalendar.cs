using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Upkeep;

/// <summary>
/// Whose moment comes next. Asked with the wall clock of now, again and again, because that clock jumps: after a jump back everything
/// is reckoned anew; after a jump forward (or a sleep) what was missed comes once, at once.
/// </summary>
internal sealed class CronCalendar(TimeZoneInfo zone)
{
    /// <summary>How long the wall clock is trusted to run on evenly.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(1);

    private readonly Dictionary<AppName, Entry> _entries = [];
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>When the app's moment comes; null when it has no schedule.</summary>
    public DateTimeOffset? NextOf(AppName app) => _entries.TryGetValue(app, out var entry) ? entry.Next : null;

    public void Set(AppName app, string pattern, DateTimeOffset now)
    {
        var parsed = CronPattern.Parse(pattern);
        _entries[app] = new Entry(pattern, parsed, parsed.Next(now, zone));
    }

    public void Remove(AppName app) => _entries.Remove(app);

    /// <summary>Whose moment has come; each is told once, however long nobody asked.</summary>
    public List<(AppName App, string Pattern)> TakeDue(DateTimeOffset now)
    {
        var jumpedBack = now + Jitter < _last;
        _last = now;
        var due = new List<(AppName, string)>();
        foreach (var (app, entry) in _entries.ToList())
        {
            if (entry.Next <= now)
                due.Add((app, entry.Text));
            else if (!jumpedBack)
                continue;
            _entries[app] = entry with { Next = entry.Pattern.Next(now, zone) };
        }

        return due;
    }

    /// <summary>How long to sleep before asking again; null: there is no schedule.</summary>
    public TimeSpan? Pause(DateTimeOffset now)
    {
        if (_entries.Count == 0)
            return null;
        var rest = _entries.Values.Min(entry => entry.Next) - now;
        return rest is not { } some || some > LongestPause ? LongestPause : some > TimeSpan.Zero ? some : TimeSpan.Zero;
    }

    private sealed record Entry(string Text, CronPattern Pattern, DateTimeOffset? Next);
}
