using System.Text.Json;

namespace ZeroDown.Config;

/// <summary>What node runs when it is given a folder: what <c>main</c> of its package.json names, else its index.</summary>
internal static class NodeFolder
{
    private const int MostCharacters = 1 << 20;
    private static readonly string[] Endings = [".js", ".json", ".node"];

    /// <summary>The file; null when node finds none.</summary>
    public static string? Entry(string folder)
    {
        var main = Main(Path.Combine(folder, "package.json")) is { Length: > 0 } named ? Path.GetFullPath(named, folder) : null;
        string[] candidates =
        [
            .. main is null ? [] : new[] { main }.Concat(Endings.Select(ending => main + ending)).Concat(Indexes(main)),
            .. Indexes(folder),
        ];
        return Array.Find(candidates, File.Exists);
    }

    private static IEnumerable<string> Indexes(string folder) => Endings.Select(ending => Path.Combine(folder, "index" + ending));

    private static string? Main(string package)
    {
        try
        {
            if (!File.Exists(package) || new FileInfo(package).Length > MostCharacters)
                return null;
            using var document = JsonDocument.Parse(File.ReadAllText(package));
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("main", out var main) && main.ValueKind == JsonValueKind.String
                ? main.GetString()!.Replace("\0", "", StringComparison.Ordinal)
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null; // node says it
        }
    }
}
