using System.Diagnostics;
using System.Globalization;
using ZeroDown.Simulation;

// dotnet run --project tests/ZeroDown.Simulation -- --seed 17 [--verbose]
// dotnet run --project tests/ZeroDown.Simulation -- --seeds 10000 [--from 1]
var seed = Option("--seed");
var seeds = Option("--seeds") ?? 10_000;
if (seed is { } one)
{
    var (holds, text) = Lives.Tell(one, args.Contains("--verbose"));
    Console.WriteLine(text);
    return holds ? 0 : 1;
}

var watch = Stopwatch.StartNew();
var failing = Lives.Play(Option("--from") ?? 1, (int)seeds, out var steps);
Console.WriteLine(failing ?? $"{seeds} lives hold every invariant, in {steps} steps");
Console.WriteLine($"{watch.Elapsed.TotalSeconds:F1} s, {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:F1} s of processor");
return failing is null ? 0 : 1;

ulong? Option(string name)
{
    var index = Array.IndexOf(args, name);
    return index >= 0 && index + 1 < args.Length ? ulong.Parse(args[index + 1], CultureInfo.InvariantCulture) : null;
}
