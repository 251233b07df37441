using System.Collections.Immutable;
using System.Text;

namespace ZeroDown.Config;

/// <summary>
/// The way from an ecosystem file, or from a command line, to specs. Nothing is thrown for a user's mistake: whatever the bytes,
/// the answer is apps or diagnostics, all of them at once.
/// </summary>
public static class EcosystemFile
{
    /// <summary>What <c>zd start</c> without an argument looks for, in this order.</summary>
    public static ImmutableArray<string> DefaultNames { get; } = ["ecosystem.yaml", "ecosystem.yml", "ecosystem.json"];

    private const int ChunkSize = 16 * 1024;

    private static readonly string[] Endings = [".yaml", ".yml", ".json", ".config.js", ".config.cjs", ".config.mjs"];
    private static readonly string[] TopLevelKeys = ["apps", "deploy", "static"];

    /// <summary>The first default file in a folder, or null.</summary>
    public static string? FindIn(string folder) =>
        DefaultNames.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists);

    /// <summary>True for an argument that names an ecosystem file and not a script.</summary>
    public static bool IsOne(string argument) => Array.Exists(Endings, e => argument.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a file; <paramref name="path"/> is also how messages name it.</summary>
    public static ConfigResult Read(string path, ReadContext context)
    {
        if (path.Contains('\0'))
            return Failed(path, "a path cannot hold a NUL character");
        if (path.EndsWith("js", StringComparison.OrdinalIgnoreCase) && IsOne(path))
            return Failed(path, "JavaScript config files are not read yet", "write it as ecosystem.yaml; the keys are the same");
        var full = Path.GetFullPath(path, context.CurrentDirectory);
        try
        {
            // Not by its length: a pipe (<(generate)) has none, and an endless one must not be read to its end.
            using var file = File.OpenRead(full);
            using var bytes = new MemoryStream();
            var chunk = new byte[ChunkSize];
            for (int read; (read = file.Read(chunk)) > 0;)
            {
                bytes.Write(chunk, 0, read);
                if (bytes.Length > NodeComposer.MaxCharacters)
                    return Failed(path, $"the file is too large; the limit is {NodeComposer.MaxCharacters >> 20} MiB");
            }

            return TryDecode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), out var text)
                ? Parse(text, path, context)
                : Failed(path, "the file is not UTF-8 text");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Failed(path, e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "the file does not exist",
                UnauthorizedAccessException when Directory.Exists(full) => "this is a folder, not a file",
                UnauthorizedAccessException => "the file cannot be read: permission denied",
                _ => $"the file cannot be read: {e.Message}",
            }, NearestFiles.Hint(full));
        }
    }

    /// <summary>The same for text that is already at hand.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">How messages name it; relative paths start at its folder. <c>-</c>: stdin, at the current directory.</param>
    /// <param name="context">The user's shell.</param>
    public static ConfigResult Parse(string text, string path, ReadContext context)
    {
        var problems = new Problems();
        var reader = new ValueReader(problems, context);
        var source = new SourceText(path, text.StartsWith('\ufeff') ? text[1..] : text);
        var folder = path == "-" ? context.CurrentDirectory : Path.GetDirectoryName(Path.GetFullPath(path, context.CurrentDirectory)) ?? "/";
        var root = NodeComposer.Compose(source, IsJson(path, source.Text), problems);
        if (root is null && !problems.HasErrors)
            problems.Error(Place.OfFile(source), "the file is empty", "it needs at least: apps: [{script: …}]");
        return root is null ? Result([], problems) : Resolve(Apps(root, reader), folder, reader);
    }

    /// <summary>One app from a script and flags: <c>zd start server.js -i 4 -- --verbose</c>.</summary>
    /// <param name="script">A file, a program or a command line.</param>
    /// <param name="arguments">What stands behind <c>--</c>.</param>
    /// <param name="options">The flags; those of <see cref="ReadContext.Overrides"/> come after them.</param>
    /// <param name="context">The user's shell; relative paths start at its current directory.</param>
    public static ConfigResult FromCommandLine(string script, IReadOnlyList<string> arguments, IReadOnlyList<GivenOption> options, ReadContext context)
    {
        var reader = new ValueReader(new Problems(), context);
        var draft = new AppDraft(Place.OfFlag(null));
        ShellSwitches.Apply(draft, reader);
        AppReader.Apply(new GivenOption("script", "", script), draft, reader);
        foreach (var option in options)
            AppReader.Apply(option, draft, reader);
        AppReader.Override(draft, reader);
        if (arguments.Count > 0)
            AppReader.ApplyWords("args", "--", arguments, draft, reader);
        return Resolve([draft], context.CurrentDirectory, reader);
    }

    private static bool IsJson(string path, string text) =>
        Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase)
        || (path == "-" && text.AsSpan().TrimStart() is ['{' or '[' or '/', ..]);

    /// <summary>pm2's shapes: <c>apps: […]</c>, <c>pm2: […]</c>, a list, or one app.</summary>
    private static List<AppDraft> Apps(ConfigNode root, ValueReader reader)
    {
        switch (root)
        {
            case SequenceNode list:
                return AppList(list, reader);
            case MappingNode single when single.Entries.Any(e => AppOptions.Find(e.Key.Value)?.Name == "script"):
                return [AppReader.Read(single, reader)];
            case MappingNode top:
                return TopLevel(top, reader);
            default:
                reader.Wrong(root, "a mapping with 'apps'");
                return [];
        }
    }

    private static List<AppDraft> TopLevel(MappingNode top, ValueReader reader)
    {
        List<AppDraft>? apps = null;
        foreach (var (key, value, _) in top.Entries)
        {
            switch (key.Value)
            {
                case "apps" or "pm2" when apps is null:
                    apps = AppList(value, reader);
                    break;
                case "deploy" or "static":
                    if (value is not ScalarNode { IsNull: true })
                        reader.Problems.Warning(key.Place, $"'{key.Value}' is not supported yet; ignored");
                    break;
                case var other when other.StartsWith("x-", StringComparison.Ordinal):
                    break;
                case var other when !reader.Problems.IsFull:
                    reader.Fail(key, $"unknown key '{Printable.Short(other)}'", Nearest.Hint(other, TopLevelKeys)
                        ?? (AppOptions.Find(other) is null ? "the apps stand below 'apps'; keys of your own start with 'x-'" : "this belongs into an app below 'apps'"));
                    break;
            }
        }

        if (apps is null && !reader.Problems.HasErrors)
            reader.Fail(top, "there is no 'apps' here", "write apps: and below it one '- script: …' per app");
        return apps ?? [];
    }

    private static List<AppDraft> AppList(ConfigNode node, ValueReader reader)
    {
        var drafts = new List<AppDraft>();
        if (node is MappingNode one && one.Find("script") is not null)
            node = new SequenceNode(node.Place, [one]);
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
            reader.Fail(node, "the list of apps is empty");
        return drafts;
    }

    private static ConfigResult Resolve(List<AppDraft> drafts, string folder, ValueReader reader)
    {
        var problems = reader.Problems;
        RefuseSameNames(drafts, problems);
        WarnOfUnknownEnvironment(drafts, reader);
        var resolver = new AppResolver(folder, reader);
        var apps = ImmutableArray.CreateBuilder<ConfiguredApp>();
        foreach (var draft in Selected(drafts, reader).TakeWhile(_ => !problems.IsFull))
        {
            if (resolver.Resolve(draft) is { } app)
                apps.Add(app);
        }

        return Result(problems.HasErrors ? [] : apps.ToImmutable(), problems);
    }

    private static void RefuseSameNames(List<AppDraft> drafts, Problems problems)
    {
        var names = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var draft in drafts)
        {
            if (AppResolver.NameOf(draft) is { } name && !names.TryAdd(name.Value, name.Place))
            {
                problems.Error(name.Place, $"two apps are called '{Printable.Short(name.Value)}'; the first one is in {names[name.Value]}",
                    draft.Name is null ? "without 'name' an app is called after its script; give it one" : "names are how commands find apps; change one");
            }
        }
    }

    private static void WarnOfUnknownEnvironment(List<AppDraft> drafts, ValueReader reader)
    {
        if (reader.Context.EnvironmentName is { } name && drafts.Count > 0 && drafts.All(d => d.SelectedEnvironment is null))
            reader.Problems.Warning(Place.OfFlag("--env"), $"no app has an env_{name}");
    }

    private static IEnumerable<AppDraft> Selected(List<AppDraft> drafts, ValueReader reader)
    {
        var only = reader.Context.Only;
        if (only.IsDefaultOrEmpty)
            return drafts;
        var names = drafts.Select(d => AppResolver.NameOf(d)?.Value).OfType<string>().ToList();
        foreach (var unknown in only.Except(names))
            reader.Problems.Error(Place.OfFlag("--only"), $"there is no app '{unknown}' in the file", Nearest.Hint(unknown, names) ?? $"it has {string.Join(", ", names)}");
        return drafts.Where(d => AppResolver.NameOf(d) is { } name && only.Contains(name.Value));
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        Encoding encoding = bytes switch
        {
            [0xff, 0xfe, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xfe, 0xff, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
        };
        try
        {
            text = encoding.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    private static ConfigResult Failed(string path, string message, string? hint = null)
    {
        var problems = new Problems();
        problems.Error(Place.OfFile(new SourceText(path, "")), message, hint);
        return Result([], problems);
    }

    private static ConfigResult Result(ImmutableArray<ConfiguredApp> apps, Problems problems) => new(apps, [.. problems.All()]);
}
