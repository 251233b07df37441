using System.Globalization;

namespace ZeroDown.Config;

/// <summary>
/// What the apps of a file are called. Commands find apps by their names, so these are unique and can be typed. In a JavaScript or JSON
/// file, where pm2 takes any text and any number of apps of one name, a name that will not do is changed, with a warning.
/// </summary>
internal static class AppNames
{
    private const int Longest = 100;

    /// <summary>A folder that is written as <c>.</c> or <c>..</c> gives its app the name that it has.</summary>
    public static void OfFolders(List<AppDraft> drafts, string folder)
    {
        foreach (var draft in drafts.Where(draft => draft.Name is null))
        {
            if (draft.Script is { } script && Path.GetFileName(script.Value.TrimEnd('/')) is "." or "..")
                draft.Name = script with { Value = Path.GetFileName(Path.GetFullPath(script.Value.TrimEnd('/'), Path.GetFullPath(draft.WorkingDirectory?.Value ?? ".", folder))) };
        }
    }

    /// <summary>Refuses what two apps are called; or calls the second one otherwise.</summary>
    public static void MakeUnique(List<AppDraft> drafts, ValueReader reader)
    {
        var names = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var draft in drafts)
        {
            if (reader.IsPm2File)
                MakeTypable(draft, reader);
            if (AppResolver.NameOf(draft, reader.Context) is not { } name || names.TryAdd(name.Value, name.Place))
                continue;
            var said = $"two apps are called '{Printable.Short(name.Value)}'; the first one is in {names[name.Value]}";
            if (reader.IsPm2File)
                Rename(draft, name, said, names, drafts, reader);
            else
                reader.Problems.Error(name.Place, said, draft.Name is null ? "without 'name' an app is called after its script; give it one" : "names are how commands find apps; change one");
        }
    }

    /// <summary>What is wrong with a name; null: nothing.</summary>
    public static (string Problem, string? Hint)? WhyNone(string value)
    {
        if (value.Trim().Length == 0)
            return ("the name is empty", null);
        if (value.Length > Longest)
            return ($"the name is longer than {Longest} characters", null);
        return value is "all" or "." or ".." || value.Contains('/') || value.Any(char.IsControl) || value.StartsWith('-')
            ? ($"'{Printable.Short(value)}' cannot be the name of an app", value == "all" ? "'all' means every app" : "names are used in commands and in file names: no '/', no '-' in front")
            : null;
    }

    private static void MakeTypable(AppDraft draft, ValueReader reader)
    {
        if (draft.Name is { } own && string.IsNullOrWhiteSpace(own.Value))
            draft.Name = null;
        if (AppResolver.NameOf(draft, reader.Context) is not { } said || WhyNone(said.Value) is null)
            return;
        var name = string.Concat(said.Value.Trim().Select(c => c == '/' || char.IsControl(c) ? '-' : c)).TrimStart('-');
        name = name[..Math.Min(name.Length, Longest)];
        if (name is "" or "all" or "." or "..")
            name = "app-" + name.Replace('.', '-');
        (draft.Name, draft.NamePrefix, draft.AppendEnvironment) = (said with { Value = name }, null, null);
        reader.Problems.Warning(said.Place, $"'{Printable.Short(said.Value)}' cannot be the name of an app here; it is called '{Printable.Short(name)}'");
    }

    private static void Rename(AppDraft draft, Setting<string> name, string said, Dictionary<string, Place> names, List<AppDraft> all, ValueReader reader)
    {
        var theirs = all.Select(other => AppResolver.NameOf(other, reader.Context)?.Value).ToHashSet();
        var called = AppResolver.BaseNameOf(draft)!;
        for (var number = 2; ; number++)
        {
            draft.Name = name with { Value = string.Create(CultureInfo.InvariantCulture, $"{called}-{number}") };
            if (AppResolver.NameOf(draft, reader.Context)!.Value.Value is var unique && !theirs.Contains(unique) && names.TryAdd(unique, name.Place))
            {
                reader.Problems.Warning(name.Place, $"{said}; this one is called '{Printable.Short(unique)}'", "names are how commands find apps; give it one of its own");
                return;
            }
        }
    }
}
