using System.Globalization;
using System.Reflection;

namespace ZeroDown.Benchmarks;

/// <summary>What is measured, with which binary, and how long.</summary>
/// <param name="Pairs">Alternating pairs per comparison.</param>
/// <param name="Seconds">Length of one throughput measurement.</param>
internal sealed record Settings(IReadOnlyList<string> Benchmarks, string Zd, int Pairs, int Seconds)
{
    private static readonly Dictionary<string, string> Metadata = typeof(Settings).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(data => data.Value is not null)
        .ToDictionary(data => data.Key, data => data.Value!);

    public static string Root => Metadata["Root"];

    public static string TestWorker => Built("tests/TestWorker", "TestWorker");

    public static string TestWebWorker => Built("tests/TestWebWorker", "TestWebWorker");

    public static Settings Parse(string[] args, string[] known)
    {
        var (names, zd, pairs, seconds) = (new List<string>(), (string?)null, 15, 3);
        for (var i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new FormatException($"{args[^1]} needs a value");
            int Number() => int.TryParse(Value(), CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new FormatException($"'{args[i]}' is no number");
            switch (args[i])
            {
                case "--zd": zd = Path.GetFullPath(Value()); break;
                case "--pairs": pairs = Number(); break;
                case "--seconds": seconds = Number(); break;
                case "all": names.AddRange(known); break;
                case var name when known.Contains(name): names.Add(name); break;
                default: throw new FormatException($"'{args[i]}' is no benchmark");
            }
        }

        if (zd is null || !File.Exists(zd))
            throw new FormatException(zd is null ? "--zd PATH is missing: the published binary" : $"{zd} does not exist");
        return new Settings(names.Count == 0 ? known : names, zd, pairs, seconds);
    }

    private static string Built(string project, string name) => Path.Combine(Root, project, Metadata["Output"], name);
}
