namespace ZeroDown.Config;

/// <summary>The list <c>static:</c> beside <c>apps:</c>: folders that are to be served, with pm2's keys.</summary>
internal sealed class StaticEntries(ValueReader reader)
{
    private static readonly string[] Keys = ["name", "path", "port", "host", "spa", "ftp", "directory", "basic_auth", "monitor"];

    public List<AppDraft> Read(ConfigNode node) =>
        [.. ValueReader.OneOrMany(node).Where(item => item is not ScalarNode { IsNull: true }).Select(Entry).OfType<AppDraft>()];

    private AppDraft? Entry(ConfigNode node)
    {
        if (node is not MappingNode mapping)
        {
            reader.Wrong(node, "a folder to serve (a mapping with 'path' and 'port')");
            return null;
        }

        var site = new StaticSite();
        foreach (var (key, value, _) in mapping.Entries)
        {
            if (reader.IsPm2File && Pm2Schema.IsOff(value))
                continue;
            if (value is not ScalarNode { IsNull: true })
                site = With(site, key, value);
        }

        return site.Draft(mapping.Entries is [var first, ..] ? first.Key.Place : mapping.Place);
    }

    private StaticSite With(StaticSite site, ScalarNode key, ConfigNode value)
    {
        switch (key.Value)
        {
            case "name" when reader.Word(value, out var text):
                return site with { Name = text };
            case "path" when reader.Word(value, out var text):
                return site with { Folder = text };
            case "host" when reader.Word(value, out var text):
                return site with { Host = text };
            case "port" when reader.Number(value, 0, 65535, out var port):
                return site with { Port = port };
            case "spa" when reader.Flag(value, out var yes):
                return site with { SinglePage = yes };
            case "ftp" or "directory" when reader.Flag(value, out var yes):
                return site with { Listing = yes };
            case "basic_auth":
                return WithGuard(site, value);
            case var other when Keys.Contains(other) || other.StartsWith("x-", StringComparison.Ordinal):
                return site; // it was wrong, and that is noted; or for pm2's hosted service
            case var other when reader.IsPm2File && Nearest.Find(other, Keys, ForeignKeys.MostLetters) is null:
                reader.ForeignKeys.Add((other, key.Place));
                return site;
            default:
                reader.Fail(key, $"unknown key '{Printable.Short(key.Value)}'", Nearest.Hint(key.Value, Keys));
                return site;
        }
    }

    private StaticSite WithGuard(StaticSite site, ConfigNode value)
    {
        if (value is not MappingNode mapping || mapping.Find("username") is not { } user || mapping.Find("password") is not { } password)
            reader.Wrong(value, "a mapping with 'username' and 'password'");
        else if (reader.Word(user, out var name) && reader.Word(password, out var word))
            return site with { UserName = name, Password = word };
        return site;
    }
}
