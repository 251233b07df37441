namespace ZeroDown.Config;

/// <summary>
/// Where in a file the apps are. pm2's shapes: <c>apps: […]</c>, <c>pm2: […]</c>, a list, or one app; and a
/// <c>package.json</c>, where one of the first two keys stands among those of others.
/// </summary>
internal sealed class FileShape(ValueReader reader)
{
    private static readonly string[] TopLevelKeys = ["apps", "deploy", "static"];

    private List<AppDraft>? _apps;
    private List<AppDraft> _sites = [];

    public static List<AppDraft> Apps(ConfigNode root, string path, ValueReader reader) => new FileShape(reader).Read(root, path);

    private List<AppDraft> Read(ConfigNode root, string path)
    {
        switch (root)
        {
            case MappingNode package when Path.GetFileName(path) == "package.json":
                return Package(package);
            case SequenceNode list:
                return AppList(list);
            case MappingNode single when IsApp(single) && single.Find("apps") is null && single.Find("pm2") is null:
                return [AppReader.Read(single, reader)];
            case MappingNode top:
                return TopLevel(top);
            default:
                reader.Wrong(root, "a mapping with 'apps'");
                return [];
        }
    }

    private List<AppDraft> Package(MappingNode package)
    {
        if ((package.Find("apps") ?? package.Find("pm2")) is { } apps)
            return AppList(apps);
        reader.Fail(package, "this package.json has no 'pm2' and no 'apps'", "zd start npm -- start runs its start script; apps stand in \"pm2\": [{ \"script\": … }]");
        return [];
    }

    private List<AppDraft> TopLevel(MappingNode top)
    {
        MappingNode? deploy = null;
        var beside = new List<ScalarNode>();
        foreach (var (key, value, _) in top.Entries)
        {
            switch (key.Value)
            {
                case "apps" or "pm2" when _apps is null:
                    _apps = AppList(value);
                    break;
                case "deploy":
                    deploy = Deploy(value);
                    break;
                case "static":
                    _sites = new StaticEntries(reader).Read(value);
                    break;
                case var other when other.StartsWith("x-", StringComparison.Ordinal):
                    break;
                case var other when reader.IsPm2File && AppOptions.Find(other) is not null:
                    beside.Add(key);
                    break;
                case var other when reader.IsPm2File && Nearest.Find(other, TopLevelKeys, ForeignKeys.MostLetters) is null:
                    reader.ForeignKeys.Add((other, key.Place));
                    break;
                case var other when !reader.Problems.IsFull:
                    reader.Fail(key, $"unknown key '{Printable.Short(other)}'", Nearest.Hint(other, TopLevelKeys)
                        ?? (AppOptions.Find(other) is null ? "the apps stand below 'apps'; keys of your own start with 'x-'" : "this belongs into an app below 'apps'"));
                    break;
            }
        }

        if (_apps is null && _sites.Count == 0 && !reader.Problems.HasErrors)
            reader.Fail(top, "there is no 'apps' here", "write apps: and below it one '- script: …' per app");
        if (beside is [var option, ..])
            reader.Problems.Warning(option.Place, $"{string.Join(", ", beside.Select(key => Printable.Short(key.Value)))}: beside 'apps' an option of an app has no effect; ignored, as in pm2", "it belongs into an app");
        DeployEnvironment(deploy);
        return [.. _apps ?? [], .. _sites];
    }

    /// <summary>Hosts, branches and hooks are for <c>deploy</c>; a start takes its variables only.</summary>
    private MappingNode? Deploy(ConfigNode value)
    {
        if (value is MappingNode mapping)
            return mapping;
        if (value is not ScalarNode { IsNull: true })
            reader.With(reader.IsPm2File ? Firmness.Warning : Firmness.Error, () => reader.Wrong(value, "a mapping of environments"));
        return null;
    }

    private void DeployEnvironment(MappingNode? deploy)
    {
        if (reader.Context.EnvironmentName is not { } name || (deploy?.Find(name) as MappingNode)?.Find("env") is not { } variables || variables is ScalarNode { IsNull: true })
            return;
        AppOptions.Environment(variables, reader, given => _apps?.ForEach(draft => draft.DeployEnvironment = given));
    }

    private List<AppDraft> AppList(ConfigNode node)
    {
        var drafts = new List<AppDraft>();
        if (node is MappingNode one)
        {
            if (IsApp(one))
                node = new SequenceNode(node.Place, [one]);
            else if (_apps is null && one.Find("apps") is { } apps)
                return AppList(apps);
        }

        if (node is not SequenceNode list)
        {
            reader.Wrong(node, "a list of apps", "every app starts with '- '");
            return drafts;
        }

        foreach (var item in list.Items)
        {
            if (item is MappingNode app)
                drafts.Add(AppReader.Read(app, reader));
            else
                reader.Wrong(item, "an app (a mapping with 'script')");
        }

        if (list.Items.Length == 0)
            reader.With(reader.IsPm2File ? Firmness.Warning : Firmness.Error, () => reader.Fail(node, "the list of apps is empty"));
        return drafts;
    }

    private static bool IsApp(MappingNode mapping) => mapping.Entries.Any(e => AppOptions.Find(e.Key.Value)?.Name == "script");
}
