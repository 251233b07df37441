namespace ZeroDown.Config;

/// <summary>
/// Keys that are nobody's. pm2 drops them without a word, so files that people have (JavaScript, JSON) carry some: those are one warning, and the file works
/// as it always has. One that is nearly an option is a typing mistake wherever it stands, and in YAML each one is an error.
/// </summary>
internal static class ForeignKeys
{
    /// <summary>In files that pm2 starts, a key further from every option is the user's own.</summary>
    public const int MostLetters = 2;

    public static void Take(ScalarNode key, ValueReader reader)
    {
        var meant = reader.Problems.IsFull ? null : AppOptions.DidYouMean(key.Value, reader.IsPm2File ? MostLetters : int.MaxValue);
        if (reader.IsPm2File && meant is null)
            reader.ForeignKeys.Add((key.Value, key.Place));
        else
            reader.Fail(key, $"unknown key '{Printable.Short(key.Value)}'", meant);
    }

    /// <summary>Says once what was found, and where the first of it is.</summary>
    public static void Warn(ValueReader reader)
    {
        const int shown = 10;
        if (reader.ForeignKeys is not [var (_, place), ..] all)
            return;
        var keys = all.Select(one => Printable.Short(one.Key)).Distinct().ToArray();
        var more = keys.Length > shown ? $" and {keys.Length - shown} more" : "";
        reader.Problems.Warning(place, $"{string.Join(", ", keys.Take(shown))}{more}: no option of that name, here or in pm2; ignored");
    }
}
