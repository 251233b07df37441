namespace ZeroDown.Simulation;

/// <summary>Plays many seeds, and tells the story of the first that fails, as short as it can be made.</summary>
public static class Lives
{
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <returns>The shrunken story of the lowest seed that fails, with the end of its trace; null when all hold.</returns>
    public static string? Play(ulong first, int count) => Play(first, count, out _);

    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="steps">How many events the core was given in all.</param>
    public static string? Play(ulong first, int count, out long steps)
    {
        var total = 0L;
        var gate = new Lock();
        ulong? lowest = null;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, number =>
        {
            var seed = first + (ulong)number;
            if (seed > lowest)
                return;
            var ending = World.Play(Story.FromSeed(seed));
            Interlocked.Add(ref total, ending.Steps);
            if (ending.Rule is null)
                return;
            lock (gate)
                lowest = lowest is { } known && known < seed ? known : seed;
        });
        steps = total;
        return lowest is { } failing ? Tell(failing, verbose: false).Text : null;
    }

    /// <summary>Plays one seed.</summary>
    public static (bool Holds, string Text) Tell(ulong seed, bool verbose)
    {
        var story = Story.FromSeed(seed);
        var trace = new List<string>();
        var ending = World.Play(story, verbose ? trace : null);
        if (ending.Rule is null)
            return (true, string.Join(Environment.NewLine, trace.Append(StoryText.Of(story, ending))));

        var shrunken = Shrinker.Shrink(story, ending.Rule);
        trace.Clear();
        ending = World.Play(shrunken, trace);
        var tail = verbose ? trace : trace.TakeLast(60);
        return (false, StoryText.Of(shrunken, ending) + string.Join(Environment.NewLine, tail)
            + Environment.NewLine + $"replay: dotnet run --project tests/ZeroDown.Simulation -- --seed {seed} --verbose");
    }
}
