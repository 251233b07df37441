using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// pm2's way to say which apps a verb means: a name is tried first, then a namespace, then an id, so an app called "455"
/// wins over the slot with the id 455; <c>all</c>; <c>/regex/</c> on names; a script's file name at last.
/// </summary>
public static class TargetGrammar
{
    private static readonly TimeSpan RegexLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>A client may send a million words; the answer must not grow with them.</summary>
    private const int MostErrors = 20;
    private const int LongestWord = 1000;

    /// <summary>What the words of a command name, each app once, in the order of the fleet for groups and of the words otherwise.</summary>
    /// <returns>The targets, and one sentence per word that names nothing.</returns>
    public static (ImmutableArray<Target> Targets, ImmutableArray<string> Errors) Resolve(IEnumerable<string> words, FleetState fleet)
    {
        var targets = new List<Target>();
        var errors = ImmutableArray.CreateBuilder<string>();
        foreach (var word in words)
        {
            if (errors.Count == MostErrors)
            {
                errors.Add("and possibly more; the words after these were not looked up");
                break;
            }

            var (found, error) = word.Length > LongestWord
                ? ([], $"a target of {word.Length} characters names nothing; the longest may have {LongestWord}")
                : Resolve(word, fleet);
            if (error is not null)
                errors.Add(error);
            foreach (var target in found)
                Add(targets, target);
        }

        return ([.. targets], errors.ToImmutable());
    }

    private static (IEnumerable<Target> Found, string? Error) Resolve(string word, FleetState fleet)
    {
        if (word == "all")
            return fleet.Apps.IsEmpty ? ([], "no app is running; start one: zd start <file>") : (Whole(fleet.Apps), null);

        if (word.Length > 2 && word[0] == '/' && word[^1] == '/')
            return ByPattern(word, fleet);

        if (fleet.Find(new AppName(word)) is { } byName)
            return (Whole([byName]), null);

        if (fleet.Apps.FindAll(app => app.Spec.Namespace == word) is { IsEmpty: false } inNamespace)
            return (Whole(inNamespace), null);

        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var pmId))
        {
            foreach (var app in fleet.Apps)
            {
                if (app.Slots.FirstOrDefault(slot => slot.PmId == pmId) is { } slot)
                    return ([new Target(app.Spec.Name, [slot.Slot])], null);
            }

            return ([], $"no process has the id {word}; `zd list` shows the ids");
        }

        var byScript = fleet.Apps.FindAll(app => app.Spec.Launch.Script == word || Path.GetFileName(app.Spec.Launch.Script) == word);
        if (!byScript.IsEmpty)
            return (Whole(byScript), null);

        var known = fleet.Apps.SelectMany(app => new[] { app.Spec.Name.Value, app.Spec.Namespace }).Distinct();
        return Nearest.To(word, known) is { } near
            ? ([], $"no app, namespace or id is called \"{word}\"; did you mean \"{near}\"?")
            : ([], $"no app, namespace or id is called \"{word}\"; `zd list` shows what there is");
    }

    private static (IEnumerable<Target> Found, string? Error) ByPattern(string word, FleetState fleet)
    {
        try
        {
            var pattern = new Regex(word[1..^1], RegexOptions.CultureInvariant, RegexLimit);
            var matching = fleet.Apps.FindAll(app => pattern.IsMatch(app.Spec.Name.Value));
            return matching.IsEmpty ? ([], $"no app's name matches {word}") : (Whole(matching), null);
        }
        catch (RegexParseException problem)
        {
            return ([], $"{word} is not a valid pattern: {problem.Message}");
        }
        catch (RegexMatchTimeoutException)
        {
            return ([], $"{word} takes too long to match; write a simpler pattern");
        }
    }

    private static IEnumerable<Target> Whole(IEnumerable<AppState> apps) => apps.Select(app => new Target(app.Spec.Name));

    /// <summary>An app that is named twice is taken once; the whole app swallows single slots.</summary>
    private static void Add(List<Target> targets, Target target)
    {
        var index = targets.FindIndex(known => known.App == target.App);
        if (index < 0)
        {
            targets.Add(target);
            return;
        }

        var known = targets[index];
        targets[index] = known.Slots is { } some && target.Slots is { } more
            ? known with { Slots = [.. some.Union(more).Order()] }
            : known with { Slots = null };
    }
}
