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
    public static ImmutableArray<string> DefaultNames { get; } =
    [
        "ecosystem.yaml", "ecosystem.yml", "ecosystem.json",
        "ecosystem.config.js", "ecosystem.config.cjs", "ecosystem.config.mjs", "ecosystem.config.ts",
    ];

    private const int ChunkSize = 16 * 1024;

    private static readonly string[] YamlEndings = [".yaml", ".yml"];
    private static readonly string[] JsonEndings = [".json", ".json5", ".jsonc"];
    private static readonly string[] ProgramEndings = [".config.js", ".config.cjs", ".config.mjs", ".config.ts", ".config.cts", ".config.mts"];

    /// <summary>The first default file in a folder, or null.</summary>
    public static string? FindIn(string folder) =>
        DefaultNames.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists);

    /// <summary>True for an argument that names an ecosystem file and not a script.</summary>
    public static bool IsOne(string argument) => EndsWith(argument, YamlEndings) || EndsWith(argument, JsonEndings) || IsProgram(argument);

    /// <summary>True for a file whose value only running it tells.</summary>
    public static bool IsProgram(string path) => EndsWith(path, ProgramEndings);

    /// <summary>Reads a file, of any kind.</summary>
    /// <param name="path">The file; also how messages name it.</param>
    /// <param name="context">The user's shell.</param>
    /// <param name="evaluate">Has node read it, where only node can.</param>
    /// <param name="cancellation">Handed to <paramref name="evaluate"/>.</param>
    public static async Task<ConfigResult> ReadAsync(string path, ReadContext context, EvaluateFile evaluate, CancellationToken cancellation)
    {
        var (text, failed) = TextOf(path, context);
        return failed ?? await ParseAsync(text!, path, context, evaluate, cancellation);
    }

    /// <summary>Reads a file that is text: YAML or JSON.</summary>
    /// <param name="path">The file; also how messages name it.</param>
    /// <param name="context">The user's shell.</param>
    public static ConfigResult Read(string path, ReadContext context)
    {
        var (text, failed) = TextOf(path, context);
        return failed ?? Parse(text!, path, context);
    }

    internal static (string? Text, ConfigResult? Failed) TextOf(string path, ReadContext context)
    {
        if (path.Contains('\0'))
            return (null, Failed(path, "a path cannot hold a NUL character"));
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
                    return (null, Failed(path, $"the file is too large; the limit is {NodeComposer.MaxCharacters >> 20} MiB"));
            }

            return TryDecode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), out var text)
                ? (text, null)
                : (null, Failed(path, "the file is not UTF-8 text"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            if (e is FileNotFoundException or DirectoryNotFoundException)
                return (null, Missing(Failed(path, "the file does not exist", NearestFiles.Hint(full))));
            return (null, Failed(path, e switch
            {
                UnauthorizedAccessException when Directory.Exists(full) => "this is a folder, not a file",
                UnauthorizedAccessException => "the file cannot be read: permission denied",
                _ => $"the file cannot be read: {e.Message}",
            }, NearestFiles.Hint(full)));
        }
    }

    /// <summary>The same for text that is already at hand.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">How messages name it; relative paths start at its folder. <c>-</c>: stdin, at the current directory.</param>
    /// <param name="context">The user's shell.</param>
    /// <param name="evaluate">Has node read it, where only node can.</param>
    /// <param name="cancellation">Handed to <paramref name="evaluate"/>.</param>
    public static async Task<ConfigResult> ParseAsync(string text, string path, ReadContext context, EvaluateFile evaluate, CancellationToken cancellation)
    {
        var problems = new Problems();
        return Apps(await ComposeAsync(text, path, context, evaluate, problems, cancellation), text, path, problems, context);
    }

    /// <summary>The same without node: a <c>.json</c> that is no JSON is refused.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">How messages name it; relative paths start at its folder. <c>-</c>: stdin, at the current directory.</param>
    /// <param name="context">The user's shell.</param>
    public static ConfigResult Parse(string text, string path, ReadContext context)
    {
        var problems = new Problems();
        return Apps(Compose(text, path, problems), text, path, problems, context);
    }

    /// <summary>The same for what node made of a file.</summary>
    /// <param name="text">The file's text, for the line where it went wrong.</param>
    /// <param name="path">How messages name it; relative paths start at its folder.</param>
    /// <param name="evaluated">What came of it.</param>
    /// <param name="context">The user's shell.</param>
    public static ConfigResult FromEvaluated(string text, string path, EvaluatedFile evaluated, ReadContext context)
    {
        var problems = new Problems();
        return Apps(Compose(Source(text, path), evaluated, problems), text, path, problems, context);
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

    /// <summary>One app that serves a folder: <c>zd serve dist 8080 --spa</c>.</summary>
    /// <param name="site">What is served, and where.</param>
    /// <param name="options">The flags.</param>
    /// <param name="context">The user's shell; relative paths start at its current directory.</param>
    public static ConfigResult FromSite(StaticSite site, IReadOnlyList<GivenOption> options, ReadContext context)
    {
        var reader = new ValueReader(new Problems(), context);
        var draft = site.Draft(Place.OfFlag(null));
        ShellSwitches.Apply(draft, reader);
        foreach (var option in options)
            AppReader.Apply(option, draft, reader);
        return Resolve([draft], context.CurrentDirectory, reader);
    }

    /// <summary>The tree of a file of any kind; null after a problem was noted.</summary>
    internal static async Task<ConfigNode?> ComposeAsync(
        string text, string path, ReadContext context, EvaluateFile evaluate, Problems problems, CancellationToken cancellation)
    {
        var full = Path.GetFullPath(path, context.CurrentDirectory);
        if (IsProgram(path))
            return Compose(Source(text, path), await evaluate(full, null, cancellation), problems);
        var root = Compose(text, path, problems, out var flaw);
        if (flaw is not { } at)
            return root;
        if (NodeOf(context) is not null)
            return Compose(Source(text, path), await evaluate(full, text.TrimStart('\ufeff'), cancellation), problems);
        problems.Error(at, "this is no JSON; node could read it as JavaScript, as pm2 does, and there is no node on PATH", "mend it here, or install node 18 or newer");
        return null;
    }

    /// <summary>The tree of a text; null after a problem was noted.</summary>
    internal static ConfigNode? Compose(string text, string path, Problems problems)
    {
        var root = Compose(text, path, problems, out var flaw);
        if (flaw is { } at)
            problems.Error(at, "this is no JSON");
        return root;
    }

    /// <summary>Where node is looked for; null: there is none.</summary>
    public static string? NodeOf(ReadContext context)
    {
        var search = new SearchPath(context.Environment, context.CurrentDirectory);
        return search.Find("node") ?? search.Find("nodejs");
    }

    private static ConfigNode? Compose(string text, string path, Problems problems, out Place? flaw)
    {
        var source = Source(text, path);
        flaw = null;
        var root = IsJson(path, source.Text) ? JsonComposer.Compose(source, problems, out flaw) : NodeComposer.Compose(source, problems);
        if (root is null && flaw is null && !problems.HasErrors)
            problems.Error(Place.OfFile(source), "the file is empty", "it needs at least: apps: [{script: …}]");
        return root;
    }

    private static ConfigNode? Compose(SourceText source, EvaluatedFile evaluated, Problems problems)
    {
        if (evaluated is not EvaluatedFile.Failed failed)
            return ValueComposer.Compose(source, ((EvaluatedFile.Value)evaluated).Json, isLiteral: IsProgram(source.Path), problems);
        var place = failed.Line > 0
            ? new Place(source, source.Index(failed.Line, failed.Column), failed.Column > 0 ? 1 : 0, null)
            : Place.OfValue(source, failed.Path ?? "");
        problems.Error(place, failed.Message, failed.Hint);
        return null;
    }

    private static ConfigResult Apps(ConfigNode? root, string text, string path, Problems problems, ReadContext context)
    {
        var reader = new ValueReader(problems, context) { IsPm2File = IsProgram(path) || IsJson(path, text) };
        return root is null ? Result([], problems) : Resolve(FileShape.Apps(root, path, reader), FolderOf(path, context), reader);
    }

    private static bool IsJson(string path, string text) =>
        EndsWith(path, JsonEndings) || (path == "-" && text.AsSpan().TrimStart() is ['{' or '[' or '/', ..]);

    private static SourceText Source(string text, string path) => new(path, text.StartsWith('\ufeff') ? text[1..] : text);

    private static string FolderOf(string path, ReadContext context) =>
        path == "-" ? context.CurrentDirectory : Path.GetDirectoryName(Path.GetFullPath(path, context.CurrentDirectory)) ?? "/";

    private static bool EndsWith(string path, string[] endings) => Array.Exists(endings, e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    private static ConfigResult Resolve(List<AppDraft> drafts, string folder, ValueReader reader)
    {
        var problems = reader.Problems;
        AppNames.OfFolders(drafts, folder);
        AppNames.MakeUnique(drafts, reader);
        WarnOfUnknownEnvironment(drafts, reader);
        Pm2Service.Warn(reader);
        ForeignKeys.Warn(reader);
        var resolver = new AppResolver(folder, reader);
        var apps = ImmutableArray.CreateBuilder<ConfiguredApp>();
        foreach (var draft in Selected(drafts, reader).TakeWhile(_ => !problems.IsFull))
        {
            if (resolver.Resolve(draft) is { } app)
                apps.Add(app);
        }

        return Result(problems.HasErrors ? [] : apps.ToImmutable(), problems);
    }

    private static void WarnOfUnknownEnvironment(List<AppDraft> drafts, ValueReader reader)
    {
        if (reader.Context.EnvironmentName is { } name && drafts.Count > 0 && drafts.All(d => d.SelectedEnvironment is null && d.DeployEnvironment is null))
            reader.Problems.Warning(Place.OfFlag("--env"), $"no app has an env_{name}");
    }

    private static IEnumerable<AppDraft> Selected(List<AppDraft> drafts, ValueReader reader)
    {
        var only = reader.Context.Only;
        if (only.IsDefaultOrEmpty)
            return drafts;
        var names = drafts.SelectMany(Names).Distinct().ToList();
        foreach (var unknown in only.Except(names))
            reader.Problems.Error(Place.OfFlag("--only"), $"there is no app '{unknown}' in the file", Nearest.Hint(unknown, names) ?? $"it has {string.Join(", ", names)}");
        return drafts.Where(d => Names(d).Any(name => only.Contains(name)));

        // As the file calls it, and as it will be called with the environment's name behind it.
        IEnumerable<string> Names(AppDraft draft) =>
            new[] { AppResolver.BaseNameOf(draft), AppResolver.NameOf(draft, reader.Context)?.Value }.OfType<string>();
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

    private static ConfigResult Missing(ConfigResult failed) =>
        failed with { Diagnostics = [.. failed.Diagnostics.Select(diagnostic => diagnostic with { IsUnknownTarget = true })] };

    private static ConfigResult Result(ImmutableArray<ConfiguredApp> apps, Problems problems) => new(apps, [.. problems.All()]);
}
