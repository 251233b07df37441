namespace ZeroDown.Config;

/// <summary>The nodes that nvm has installed, for <c>interpreter: node@18</c>. Unlike pm2 we install none: a start must not download.</summary>
internal sealed class NvmNodes(IReadOnlyDictionary<string, string> environment)
{
    /// <summary>Where nvm keeps them.</summary>
    public string Folder { get; } = Path.Combine(
        environment.GetValueOrDefault("NVM_DIR") is { Length: > 0 } named ? named : Path.Combine(environment.GetValueOrDefault("HOME") ?? "/", ".nvm"),
        "versions", "node");

    /// <summary>The newest of a version (<c>18</c>, <c>18.20</c>, <c>v18.20.8</c>); null when there is none.</summary>
    public string? Find(string version)
    {
        var wanted = version.TrimStart('v') + ".";
        return Versions().Where(v => (v.Name + ".").StartsWith(wanted, StringComparison.Ordinal)).OrderBy(v => v.Number).Select(v => v.Program).LastOrDefault();
    }

    /// <summary>Numbers only, oldest first.</summary>
    public IEnumerable<string> Installed() => Versions().OrderBy(v => v.Number).Select(v => v.Name);

    private IEnumerable<(string Name, Version Number, string Program)> Versions()
    {
        if (!Directory.Exists(Folder))
            yield break;
        foreach (var folder in Directory.EnumerateDirectories(Folder, "v*"))
        {
            var program = Path.Combine(folder, "bin", "node");
            var name = Path.GetFileName(folder)[1..];
            if (Version.TryParse(name, out var number) && SearchPath.IsExecutable(program))
                yield return (name, number, program);
        }
    }
}
