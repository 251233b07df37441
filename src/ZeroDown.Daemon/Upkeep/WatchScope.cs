using System.Text;
using System.Text.RegularExpressions;
using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Upkeep;

/// <summary>Which paths a watch rule means: where to look, what counts, what is left out.</summary>
internal sealed class WatchScope
{
    private static readonly TimeSpan RegexLimit = TimeSpan.FromMilliseconds(250);

    private readonly List<Regex> _names = [];
    private readonly List<Regex> _ignored = [];
    private readonly List<(string Base, Regex? Only)> _targets = [];

    /// <param name="rule">Absolute paths; a path with wildcards is looked for below its last folder without one.</param>
    /// <param name="home">Our own folder, which never counts.</param>
    public WatchScope(WatchRule rule, string home)
    {
        _ignored.Add(PathPattern(home));
        foreach (var pattern in rule.Ignore)
        {
            if (pattern.Contains('/'))
                _ignored.Add(PathPattern(pattern));
            else
                _names.Add(Compile(Translate(pattern)));
        }

        foreach (var path in rule.Paths)
            _targets.Add(Target(path, rule.Depth ?? int.MaxValue));
    }

    /// <summary>The folders to look at, with how many levels below them.</summary>
    public List<(string Folder, int Depth)> Folders { get; } = [];

    /// <summary>It is neither told nor looked into.</summary>
    public bool IsIgnored(string path)
    {
        if (_ignored.Exists(pattern => pattern.IsMatch(path)))
            return true;
        foreach (var (top, only) in _targets)
        {
            // What was named by its full name was meant, also when a dot stands in front.
            if (only is not null && path == top)
                return false;
        }

        return IsInsideIgnored(path);
    }

    /// <summary>A change of it counts.</summary>
    public bool Counts(string path) =>
        !IsIgnored(path) && _targets.Exists(target => target.Only is { } only ? only.IsMatch(path) : IsBelow(path, target.Base));

    private bool IsInsideIgnored(string path)
    {
        // Names count from the watched folder on: an app may itself live below a folder with a dot.
        var top = _targets.Select(target => target.Only is null ? target.Base : Path.GetDirectoryName(target.Base) ?? target.Base)
            .Where(folder => IsBelow(path, folder)).MaxBy(folder => folder.Length);
        if (top is null)
            return false;
        foreach (var name in path[top.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (_names.Exists(pattern => pattern.IsMatch(name)))
                return true;
        }

        return false;
    }

    private (string Base, Regex? Only) Target(string path, int depth)
    {
        var wildcard = path.AsSpan().IndexOfAny("*?[{");
        if (wildcard >= 0)
        {
            var folder = Path.GetDirectoryName(path[..wildcard] + "x") is { Length: > 0 } top ? top : "/";
            Folders.Add((folder, path.Contains("**", StringComparison.Ordinal) || path[wildcard..].Contains('/') ? depth : 0));
            return (folder + "/", Compile(Translate(path)));
        }

        if (!Directory.Exists(path))
        {
            // Its folder is watched, because editors put a new file in the place of the old one.
            Folders.Add((Path.GetDirectoryName(path) ?? "/", 0));
            return (path, Compile(Regex.Escape(path)));
        }

        Folders.Add((path, depth));
        return (path, null);
    }

    private static bool IsBelow(string path, string folder) =>
        path.Length > folder.Length && path.StartsWith(folder, StringComparison.Ordinal) && (folder.EndsWith('/') || path[folder.Length] == '/');

    /// <summary>The path and all that is below it.</summary>
    private static Regex PathPattern(string pattern) => Compile(Translate(pattern.TrimEnd('/')) + "(/.*)?");

    private static Regex Compile(string pattern) => new($"^(?:{pattern})$", RegexOptions.CultureInvariant | RegexOptions.Singleline, RegexLimit);

    /// <summary><c>*</c>, <c>?</c>, <c>**</c>, <c>[abc]</c> and <c>{a,b}</c>.</summary>
    private static string Translate(string glob)
    {
        var text = new StringBuilder();
        for (var at = 0; at < glob.Length; at++)
        {
            switch (glob[at])
            {
                case '*' when glob[at..].StartsWith("**/", StringComparison.Ordinal):
                    text.Append("(?:.*/)?");
                    at += 2;
                    break;
                case '*' when glob[at..].StartsWith("**", StringComparison.Ordinal):
                    text.Append(".*");
                    at++;
                    break;
                case '*':
                    text.Append("[^/]*");
                    break;
                case '?':
                    text.Append("[^/]");
                    break;
                case '[' when glob.IndexOf(']', at + 2) is var end && end > at:
                    text.Append('[').Append(glob[(at + 1)..end].Replace(@"\", @"\\", StringComparison.Ordinal).Replace('!', '^')).Append(']');
                    at = end;
                    break;
                case '{' when glob.IndexOf('}', at) is var end && end > at:
                    text.Append("(?:").AppendJoin('|', glob[(at + 1)..end].Split(',').Select(Regex.Escape)).Append(')');
                    at = end;
                    break;
                default:
                    text.Append(Regex.Escape(glob[at].ToString()));
                    break;
            }
        }

        return text.ToString();
    }
}
