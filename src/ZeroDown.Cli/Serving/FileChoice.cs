namespace ZeroDown.Cli.Serving;

/// <summary>What a path of the address line means below the folder that is served.</summary>
internal abstract record FileChoice
{
    public sealed record File(string Path) : FileChoice;

    /// <summary>A folder without the slash: relative links in its page would start a level too high.</summary>
    public sealed record Elsewhere(string Location) : FileChoice;

    public sealed record Listing(string Folder, string Shown) : FileChoice;

    /// <summary>With a page of the site's own for it, when it has one.</summary>
    public sealed record Missing(string? Page) : FileChoice;

    public sealed record Nonsense : FileChoice;

    /// <param name="target">As it stands in the request line.</param>
    /// <param name="settings">What is served.</param>
    public static FileChoice Of(string target, ServeSettings settings)
    {
        if (PathOf(target) is not { } path)
            return new Nonsense();
        if (IsHidden(path))
            return Missed(settings);
        var full = settings.Folder + path;
        if (path == "/" && System.IO.File.Exists(settings.Folder + settings.HomePage))
            return new File(settings.Folder + settings.HomePage);
        if (Directory.Exists(full))
        {
            if (!path.EndsWith('/'))
                return new Elsewhere(Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal) + "/");
            if (System.IO.File.Exists(full + "index.html"))
                return new File(full + "index.html");
            if (settings.Listing)
                return new Listing(full, path);
        }
        else if (!path.EndsWith('/') && System.IO.File.Exists(full))
        {
            return new File(full);
        }

        return settings.SinglePage ? OfSinglePage(path, settings) : Missed(settings);
    }

    /// <summary>A page that was loaded below another path asks for its parts there; as pm2, they are looked for at the top.</summary>
    private static FileChoice OfSinglePage(string path, ServeSettings settings)
    {
        var last = path[(path.LastIndexOf('/') + 1)..];
        string[] places = [.. last.Length > 0 ? new[] { settings.Folder + "/" + last } : [], settings.Folder + settings.HomePage];
        return places.FirstOrDefault(System.IO.File.Exists) is { } found ? new File(found) : Missed(settings);
    }

    private static Missing Missed(ServeSettings settings) =>
        new(System.IO.File.Exists(settings.Folder + "/404.html") ? settings.Folder + "/404.html" : null);

    /// <summary>Decoded, beginning with a slash, without a way up; null for one that no honest client sends.</summary>
    private static string? PathOf(string target)
    {
        if (target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || target.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            target = target.IndexOf('/', 8) is >= 0 and var slash ? target[slash..] : "/";
        var end = target.AsSpan().IndexOfAny('?', '#');
        var path = Uri.UnescapeDataString(end < 0 ? target : target[..end]);
        if (!path.StartsWith('/') || path.Contains('\0') || path.Split('/').Contains(".."))
            return null;
        while (path.Contains("//", StringComparison.Ordinal))
            path = path.Replace("//", "/", StringComparison.Ordinal);
        return path;
    }

    /// <summary>.env, .git and their like lie in many a folder that is served, and are nobody's business. RFC 8615's folder is.</summary>
    private static bool IsHidden(string path) => path.Split('/').Any(part => part.StartsWith('.') && part != ".well-known");
}
