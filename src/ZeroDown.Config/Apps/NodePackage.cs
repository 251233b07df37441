using System.Text.Json;

namespace ZeroDown.Config;

/// <summary>A package of npm's on the disk.</summary>
/// <param name="Folder">Absolute.</param>
internal sealed record NodePackage(string Folder)
{
    private const int MostCharacters = 1 << 20;

    /// <summary>Where the entry of a package for `import` in node is found, outer key first.</summary>
    private static readonly string[] ExportKeys = [".", "import", "node", "default"];

    /// <summary>The package whose name its package.json says; null where there is none.</summary>
    public string? Name => Read(package => package.TryGetProperty("name", out var name) ? name.GetString() : null);

    /// <summary>The file of its <c>exports["."]</c> for <c>import</c>; null where that names none.</summary>
    public string? ImportEntry =>
        Read(package => package.TryGetProperty("exports", out var exports) ? Target(exports) : null) is { Length: > 0 } target && File.Exists(Path.Combine(Folder, target))
            ? Path.GetFullPath(target, Folder)
            : null;

    /// <summary>A package by its name, as node looks for it from a folder: in the node_modules of each folder from there upwards. Links stay as they are, so that a release that is
    /// switched by a link takes its own at the next launch.</summary>
    public static NodePackage? From(string folder, string name)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            if (In(Path.Combine(at, "node_modules"), name) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>The package in this node_modules folder.</summary>
    public static NodePackage? In(string modules, string name) => new NodePackage(Path.Combine(modules, name)) is var package && package.Name == name ? package : null;

    /// <summary>The installed package that a file belongs to, links followed; null for a file of the user's own.</summary>
    public static NodePackage? Of(string file)
    {
        try
        {
            var real = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
            for (var at = Path.GetDirectoryName(real); at is not null; at = Path.GetDirectoryName(at))
            {
                if (File.Exists(Path.Combine(at, "package.json")))
                    return new NodePackage(at) is { Name: { } name } found && at.EndsWith($"/node_modules/{name}", StringComparison.Ordinal) ? found : null;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not to be read, so nothing is known of it.
        }

        return null;
    }

    private static string? Target(JsonElement exports) => exports.ValueKind switch
    {
        JsonValueKind.String => exports.GetString(),
        JsonValueKind.Object => ExportKeys.Select(key => exports.TryGetProperty(key, out var inner) ? Target(inner) : null).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private string? Read(Func<JsonElement, string?> take)
    {
        try
        {
            var path = Path.Combine(Folder, "package.json");
            if (!File.Exists(path) || new FileInfo(path).Length > MostCharacters)
                return null;
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            return document.RootElement.ValueKind == JsonValueKind.Object ? take(document.RootElement) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
