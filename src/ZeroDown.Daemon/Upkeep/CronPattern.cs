using Cronos;

namespace ZeroDown.Daemon.Upkeep;

/// <summary>
/// A schedule as pm2's users write it: five fields, or six with seconds in front, names, ranges, <c>@daily</c>. When both the day of the
/// month and the weekday are restricted, either is enough, as cron has always had it; Cronos alone would ask for both.
/// </summary>
public sealed class CronPattern
{
    private readonly CronExpression[] _any;

    private CronPattern(CronExpression[] any) => _any = any;

    /// <summary>What is wrong with it, as a sentence; null: nothing.</summary>
    public static string? Problem(string text)
    {
        try
        {
            return Parse(text).Next(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is null ? "it names a day that never comes" : null;
        }
        catch (FormatException problem)
        {
            return problem.Message;
        }
    }

    /// <exception cref="FormatException">It is no schedule; the message says why.</exception>
    public static CronPattern Parse(string text)
    {
        var fields = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (text.StartsWith('@'))
            return new CronPattern([CronExpression.Parse(text)]);
        if (fields.Length is not (5 or 6))
            throw new FormatException($"it has {fields.Length} fields instead of 5 or 6");
        var (month, week) = (fields.Length - 3, fields.Length - 1);
        return IsOpen(fields[month]) || IsOpen(fields[week])
            ? new CronPattern([Of(fields)])
            : new CronPattern([Of(With(fields, month)), Of(With(fields, week))]);
    }

    /// <summary>The first moment after this one, or null when there is none. A moment that daylight saving time leaves out comes when the clock has jumped;
    /// one that it brings twice comes once.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone) => _any.Select(one => one.GetNextOccurrence(after, zone)).Min();

    private static CronExpression Of(string[] fields) =>
        CronExpression.Parse(string.Join(' ', fields), fields.Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);

    private static string[] With(string[] fields, int open)
    {
        string[] changed = [.. fields];
        changed[open] = "*";
        return changed;
    }

    private static bool IsOpen(string field) => field[0] is '*' or '?';
}
