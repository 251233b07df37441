using ZeroDown.Config;

namespace ZeroDown.Cli.Deploying;

/// <summary>
/// What is run on a host, as text for its shell: POSIX, because nobody knows which shell that is. The folders are pm2's
/// (<c>source</c>, <c>current</c>, <c>shared</c>, <c>.deploys</c>), so hosts that pm2 has set up go on as they are.
/// </summary>
internal sealed class DeployScripts(DeployTarget target)
{
    public string Folders => $"mkdir -p {At("shared/logs")} {At("shared/pids")} {At("source")}";

    public string Clone => $"git clone {(target.Shallow ? "--depth=5 " : "")}--branch {Quoted(Branch)} -- {Quoted(target.Repository)} {At("source")}";

    public string Link => $"ln -sfn {At("source")} {At("current")}";

    public string Fetch => $"cd {At("source")} && git fetch {(target.Shallow ? "--depth=5 " : "")}--all --tags";

    public string Current => $"cd {At("source")} && git rev-parse --short HEAD";

    /// <summary>Newest first, numbered from 0.</summary>
    public string List => $"awk '{{ line[NR] = $0 }} END {{ for (i = NR; i > 0; i--) printf \"%d\\t%s\\n\", NR - i, line[i] }}' {At(".deploys")}";

    public string Reset(string commit) =>
        $"cd {At("source")} && git reset --hard {Quoted(commit)} && {Link} && git rev-parse HEAD >> {At(".deploys")}";

    /// <summary>The commit of the nth last deployment, 1 for the last one; nothing when there were fewer.</summary>
    public string Deployed(int nth) => $"[ \"$(wc -l < {At(".deploys")})\" -ge {nth} ] && tail -n {nth} {At(".deploys")} | head -n 1 | cut -d ' ' -f 1";

    public string Hook(string command, bool withEnvironment = false)
    {
        var variables = withEnvironment ? string.Concat(target.Environment.Select(v => $"export {v.Key.ToUpperInvariant()}={Quoted(v.Value)}; ")) : "";
        return $"cd {At("current")} || exit; SHARED={At("shared")}; export SHARED; {variables}{command}";
    }

    public string Run(string command) => $"cd {At("current")} && {command}";

    /// <summary>What follows the remote's name: <c>origin/main</c> is the branch main.</summary>
    private string Branch => target.Ref[(target.Ref.IndexOf('/') + 1)..];

    /// <summary>The host knows where its user is at home.</summary>
    private string At(string name) =>
        target.Folder.StartsWith("~/", StringComparison.Ordinal) ? $"\"$HOME\"/{Quoted($"{target.Folder[2..]}/{name}")}" : Quoted($"{target.Folder}/{name}");

    public static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
