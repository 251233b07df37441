namespace ZeroDown.Config;

/// <summary>One option under several names in one app. In YAML that is a mistake; of a JavaScript or JSON file the one is taken that pm2 takes.</summary>
internal static class Spellings
{
    /// <summary>The entries of a mapping that count, an option once.</summary>
    public static IEnumerable<MappingEntry> Taken(MappingNode mapping, ValueReader reader)
    {
        var byOption = new Dictionary<AppOption, List<MappingEntry>>();
        foreach (var entry in mapping.Entries)
        {
            if (AppOptions.Find(entry.Key.Value) is not { } option)
                continue;
            if (!byOption.TryGetValue(option, out var same))
                byOption[option] = same = [];
            same.Add(entry);
        }

        var dropped = byOption.Where(pair => pair.Value.Count > 1).SelectMany(pair => Dropped(pair.Key, pair.Value, reader)).ToHashSet(ReferenceEqualityComparer.Instance);
        return mapping.Entries.Where(entry => !dropped.Contains(entry));
    }

    private static IEnumerable<MappingEntry> Dropped(AppOption option, List<MappingEntry> same, ValueReader reader)
    {
        var taken = reader.IsPm2File
            ? same.OrderBy(entry => Pm2Schema.IsOff(entry.Value)).ThenBy(entry => Pm2Schema.Rank(option, entry.Key.Value)).First()
            : same[0];
        foreach (var other in same.Where(entry => entry != taken))
        {
            if (!reader.IsPm2File && !other.IsMerged && !taken.IsMerged)
                reader.Fail(other.Key, $"'{other.Key.Value}' says the same as '{taken.Key.Value}' in {taken.Key.Place}", $"keep '{option.Name}'");
            else if (reader.IsPm2File && !Pm2Schema.IsOff(other.Value) && !SayTheSame(other.Value, taken.Value))
                reader.Problems.Warning(other.Key.Place, $"'{other.Key.Value}' and '{taken.Key.Value}' are the same option; '{taken.Key.Value}' is taken, as in pm2");
            yield return other;
        }
    }

    private static bool SayTheSame(ConfigNode one, ConfigNode other) => one is ScalarNode a && other is ScalarNode b && a.Value == b.Value;
}
