using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>Walks the keys of one environment, pm2's, into a target.</summary>
internal sealed class DeployReader(ValueReader reader)
{
    private static readonly string[] Keys =
    [
        "user", "host", "port", "key", "forward-agent", "needs_tty", "ssh_options", "repo", "ref", "path", "fetch", "env",
        "pre-setup", "post-setup", "pre-deploy-local", "pre-deploy", "post-deploy",
    ];

    private static readonly string[] Needed = ["host", "repo", "ref", "path"];

    /// <summary>Null after a problem was noted.</summary>
    public DeployTarget? Read(MappingEntry entry)
    {
        if (entry.Value is not MappingNode mapping)
        {
            reader.Wrong(entry.Value, "a mapping with 'host', 'repo', 'ref' and 'path'");
            return null;
        }

        var said = new Dictionary<string, ConfigNode>(StringComparer.Ordinal);
        foreach (var (key, value, _) in mapping.Entries)
        {
            if (!Keys.Contains(key.Value) && !key.Value.StartsWith("x-", StringComparison.Ordinal))
                reader.Problems.Warning(key.Place, $"'{Printable.Short(key.Value)}' has no effect in deploy", Nearest.Hint(key.Value, Keys));
            else if (value is not ScalarNode { IsNull: true })
                said[key.Value] = value;
        }

        foreach (var key in Needed.Where(key => !said.ContainsKey(key)))
            reader.Problems.Error(entry.Key.Place, $"deploy.{Printable.Short(entry.Key.Value)} has no '{key}'");
        if (reader.Problems.HasErrors)
            return null;
        var target = new DeployTarget
        {
            Name = entry.Key.Value,
            Hosts = Hosts(said["host"]),
            Repository = NoFlag("repo"),
            Ref = NoFlag("ref"),
            Folder = Folder(said["path"]),
            User = NoFlag("user") is { Length: > 0 } user ? user : null,
            Port = said.TryGetValue("port", out var port) && reader.Number(port, 1, 65535, out var number) ? number : null,
            Key = NoFlag("key") is { Length: > 0 } file ? file : null,
            ForwardAgent = IsOn("forward-agent"),
            NeedsTerminal = IsOn("needs_tty"),
            SshOptions = said.TryGetValue("ssh_options", out var options) ? [.. ValueReader.OneOrMany(options).Select(Text)] : [],
            Shallow = Word("fetch") == "fast",
            PreSetup = Word("pre-setup"),
            PostSetup = Word("post-setup"),
            PreDeployLocal = Word("pre-deploy-local"),
            PreDeploy = Word("pre-deploy"),
            PostDeploy = Word("post-deploy"),
            Environment = Variables(),
        };
        return reader.Problems.HasErrors ? null : target;

        string? Word(string key) => said.TryGetValue(key, out var node) && Text(node) is { Length: > 0 } text ? text : null;

        bool IsOn(string key) => said.TryGetValue(key, out var node) && !Silence.IsOff(node, ["false", "0", "null", ""]);

        // ssh and git would take it for a flag.
        string NoFlag(string key)
        {
            if (Word(key) is not { } text)
                return "";
            if (text.StartsWith('-'))
                reader.Fail(said[key], $"'{Printable.Short(text)}' cannot be meant: it starts with '-'");
            return text;
        }

        ImmutableArray<KeyValuePair<string, string>> Variables()
        {
            var variables = ImmutableArray<KeyValuePair<string, string>>.Empty;
            if (said.TryGetValue("env", out var node))
                AppOptions.Environment(node, reader, given => variables = given.Value);
            foreach (var (name, _) in variables.Where(variable => !IsName(variable.Key)))
                reader.Fail(node!, $"a shell on the host cannot export '{Printable.Short(name)}'", "a name of letters, digits and _, that does not begin with a digit");
            return variables;
        }
    }

    private ImmutableArray<string> Hosts(ConfigNode node)
    {
        ImmutableArray<string> hosts = [.. ValueReader.OneOrMany(node).Select(Text)];
        if (hosts.IsEmpty || hosts.Any(host => host.Trim().Length == 0 || host.StartsWith('-') || host.Any(char.IsWhiteSpace)))
            reader.Fail(node, "that is no name of a host", "a name or an address, or a list of them");
        return hosts;
    }

    private static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    private string Folder(ConfigNode node)
    {
        var path = Text(node).TrimEnd('/');
        if (!path.StartsWith('/') && !path.StartsWith("~/", StringComparison.Ordinal))
            reader.Fail(node, $"'{Printable.Short(path)}' is no folder on the host", "an absolute path, or one from ~/ on");
        return path;
    }

    private string Text(ConfigNode node) => reader.Text(node, out var text) ? text : "";
}
