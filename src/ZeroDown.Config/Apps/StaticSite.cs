using System.Collections.Immutable;
using System.Globalization;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>
/// A folder that the file server inside <c>zd</c> serves: <c>zd serve</c>, an entry of <c>static:</c>, or pm2's <c>script: serve</c>. All
/// three come down to pm2's variables, which the server reads, and to a listening socket, which the daemon keeps open.
/// </summary>
public sealed record StaticSite
{
    /// <summary>Null: pm2's, with the port in it.</summary>
    public string? Name { get; init; }

    /// <summary>Relative to the app's working directory.</summary>
    public string Folder { get; init; } = ".";

    public int Port { get; init; } = StandardPort;

    public string? Host { get; init; }

    /// <summary>What is not there is the home page's business.</summary>
    public bool SinglePage { get; init; }

    /// <summary>A folder without an index is listed.</summary>
    public bool Listing { get; init; }

    public string? UserName { get; init; }

    public string? Password { get; init; }

    internal const string Script = "serve";

    private const string Prefix = "PM2_SERVE_";
    private const int StandardPort = 8080;

    internal AppDraft Draft(Place place) => new(place)
    {
        Script = new(Script, place),
        Name = new(Name ?? $"static-page-server-{Number(Port)}", place),
        Environment = new([.. Variables()], place),
    };

    internal static bool IsVariable(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>True for an app whose script is our server and not some other program of that name.</summary>
    internal static bool IsMeant(AppDraft draft, SearchPath path) =>
        draft is { Script.Value: Script, Interpreter: null } && (Said(draft).Any() || path.Find(Script) is null);

    /// <summary>Null after a problem was noted.</summary>
    internal static ResolvedScript? Resolve(AppDraft draft, IReadOnlyDictionary<string, string> variables, string cwd, ReadContext context, Problems problems)
    {
        var place = draft.Script!.Value.Place;
        if (context.FileServer is not [var program, .. var words])
        {
            problems.Error(place, "the file server is not available here");
            return null;
        }

        var folder = Path.GetFullPath(variables.GetValueOrDefault(Prefix + "PATH") is { Length: > 0 } said ? said : ".", cwd);
        if (!Directory.Exists(folder))
        {
            problems.Error(place, $"the folder to serve, {folder}, {(File.Exists(folder) ? "is a file" : "does not exist")}", NearestFiles.Hint(folder));
            return null;
        }

        return new ResolvedScript(Script, program, ResolvedScript.NoInterpreter) { BeforeArguments = [.. words, folder] };
    }

    /// <summary>Where it listens, unless <c>listen</c> says it.</summary>
    internal static ImmutableArray<ListenDraft> Listen(AppDraft draft, IReadOnlyDictionary<string, string> variables, ReadContext context, Problems problems)
    {
        var place = draft.Environment?.Place ?? draft.Script!.Value.Place;
        var port = variables.GetValueOrDefault(Prefix + "PORT") is { Length: > 0 } number ? number : Number(StandardPort);
        var host = variables.GetValueOrDefault(Prefix + "HOST") is { Length: > 0 } named ? named : "0.0.0.0";
        var text = host.Contains(':') && !host.StartsWith('[') ? $"[{host}]:{port}" : $"{host}:{port}";
        if (ListenAddressText.Parse(text, context.ResolveHost, out var message, out var hint) is { } address)
            return [new ListenDraft(address, null, ListenerSpec.DefaultBacklog, place)];
        problems.Error(place, message, hint);
        return [];
    }

    private static IEnumerable<string> Said(AppDraft draft) =>
        (draft.Environment?.Value ?? []).Concat(draft.SelectedEnvironment?.Value ?? []).Select(variable => variable.Key)
        .Where(IsVariable);

    private IEnumerable<KeyValuePair<string, string>> Variables()
    {
        yield return new(Prefix + "PATH", Folder);
        yield return new(Prefix + "PORT", Number(Port));
        if (Host is not null)
            yield return new(Prefix + "HOST", Host);
        if (SinglePage)
            yield return new(Prefix + "SPA", "true");
        if (Listing)
            yield return new(Prefix + "FTP", "true");
        if (UserName is null)
            yield break;
        yield return new(Prefix + "BASIC_AUTH", "true");
        yield return new(Prefix + "BASIC_AUTH_USERNAME", UserName);
        yield return new(Prefix + "BASIC_AUTH_PASSWORD", Password ?? "");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
