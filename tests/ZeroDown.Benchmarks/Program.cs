// The figures that ZeroDown promises, measured side by side with pm2 in one run on one machine:
//
//     dotnet run -c Release --project tests/ZeroDown.Benchmarks -- [all|list|memory|throughput|size|reload|node|survival|record] --zd PATH [--pairs N] [--seconds S]
//
// PATH is the published binary; figures of a JIT build mean nothing. Everything runs in alternating pairs, because a shared machine's
// absolute times mean little and its ratios mean something. pm2 7 comes from npm into artifacts/pm2 when npm is there.

using ZeroDown.Benchmarks;

var known = new Dictionary<string, Func<Settings, Task<IReadOnlyList<Figure>>>>
{
    ["size"] = SizeBenchmark.RunAsync,
    ["list"] = ListBenchmark.RunAsync,
    ["memory"] = MemoryBenchmark.RunAsync,
    ["throughput"] = ThroughputBenchmark.RunAsync,
    ["reload"] = ReloadBenchmark.RunAsync,
    ["node"] = NodeComparison.RunAsync,
    ["survival"] = SurvivalBenchmark.RunAsync,
    ["record"] = RecordBenchmark.RunAsync,
};

Settings settings;
try
{
    settings = Settings.Parse(args, [.. known.Keys]);
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync($"{e.Message}\n\nusage: [all|{string.Join('|', known.Keys)}] --zd PATH [--pairs N] [--seconds S]");
    return 2;
}

using var autogroup = new Autogroup();
var figures = new List<Figure>();
foreach (var name in settings.Benchmarks)
{
    await Console.Error.WriteLineAsync($"{name} …");
    figures.AddRange(await known[name](settings));
}

Console.WriteLine(Report.Markdown(settings, figures));
return figures.All(figure => figure.Holds is not false) ? 0 : 1;
