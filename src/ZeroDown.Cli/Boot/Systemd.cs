using System.Text;

namespace ZeroDown.Cli.Boot;

/// <summary>
/// A unit whose main process is the keeper.
/// <list type="bullet">
/// <item><c>Type=notify</c>: the keeper says READY when the saved apps run, and while it drains, how much longer it needs.</item>
/// <item><c>KillMode=process</c>: <c>systemctl stop</c> asks the keeper alone, which drains every worker and ends when they have. The other modes would kill the workers of a keeper
/// that has died, before the next one could go on with them; and with them a stop would reach the workers past their drain.</item>
/// <item><c>OOMPolicy=continue</c>: a worker that the kernel killed for its memory is the daemon's to replace; by default systemd would stop everything.</item>
/// <item><c>Restart=on-failure</c>: an ordered end (<c>zd kill</c>) stays one. When the keeper was killed, the daemon has brought another one by the time the unit is started again; that
/// one is named as the main process (<c>NotifyAccess=main</c>, MAINPID).</item>
/// <item><c>Delegate=yes</c>: what is below the unit's control group is ours.</item>
/// <item>No <c>FileDescriptorStoreMax=</c>: sockets are held twice already, by keeper and daemon, and what systemd holds it closes at every stop of the unit.</item>
/// </list>
/// </summary>
internal abstract class Systemd : BootSystem
{
    protected abstract string Target { get; }

    protected abstract string? RunsAs(BootFacts facts);

    protected string Unit(BootFacts facts)
    {
        var text = new StringBuilder();
        text.Append($"# {Mark}\n[Unit]\nDescription=ZeroDown, the apps of {Value(facts.User)}\n");
        text.Append(facts.WaitForNetwork ? "Wants=network-online.target\nAfter=network-online.target\n" : "After=network.target\n");
        text.Append("\n[Service]\nType=notify\nNotifyAccess=main\n");
        if (RunsAs(facts) is { } user)
            text.Append($"User={user}\n");
        foreach (var (name, value) in facts.Environment)
            text.Append($"Environment={Quoted($"{name}={value}")}\n");
        text.Append($"ExecStart={Command(facts.Zd, "resurrect", "--service")}\n");
        text.Append($"ExecReload={Command(facts.Zd, "reload", "all")}\n");
        text.Append("""
            Restart=on-failure
            RestartSec=200ms
            TimeoutStartSec=infinity
            TimeoutStopSec=90s
            KillMode=process
            Delegate=yes
            OOMPolicy=continue
            LimitNOFILE=524288
            TasksMax=infinity

            """);
        text.Append($"\n[Install]\nWantedBy={Target}\n");
        return text.ToString();
    }

    private static string Command(IEnumerable<string> zd, params string[] more) =>
        string.Join(' ', zd.Concat(more).Select(word => Quoted(word.Replace("$", "$$", StringComparison.Ordinal))));

    /// <summary>A percent sign begins a specifier everywhere.</summary>
    private static string Value(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or ':' or '=' or ',' or '+' or '@' or '$')
            ? word
            : $"\"{Value(word).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

internal sealed class SystemdSystem : Systemd
{
    public override string Name => "systemd";

    public override string[] Aliases => ["ubuntu", "ubuntu14", "ubuntu16", "ubuntu18", "centos", "centos7", "redhat", "rhel", "amazon", "arch", "debian", "fedora", "suse"];

    protected override string Target => "multi-user.target";

    public override bool IsHere(Func<string, bool> exists) => exists("/run/systemd/system");

    public override string MainFile(BootFacts facts) => $"/etc/systemd/system/{facts.Service}.service";

    public override BootPlan Install(BootFacts facts) => new(facts.Service, NeedsRoot: true,
    [
        new BootStep.Write(MainFile(facts), Unit(facts)),
        new BootStep.Run("systemctl", ["daemon-reload"]),
        new BootStep.Run("systemctl", ["enable", $"{facts.Service}.service"]),
    ]);

    public override BootPlan Uninstall(BootFacts facts) => new(facts.Service, NeedsRoot: true,
    [
        new BootStep.Run("systemctl", ["disable", $"{facts.Service}.service"]),
        new BootStep.Remove(MainFile(facts)),
        new BootStep.Run("systemctl", ["daemon-reload"]),
    ]);

    protected override string? RunsAs(BootFacts facts) => facts.User;
}

/// <summary>The same without root: a unit of the user's own manager, which lingering starts with the machine instead of with a login.</summary>
internal sealed class SystemdUser : Systemd
{
    public override string Name => "systemd-user";

    public override string[] Aliases => [];

    protected override string Target => "default.target";

    /// <summary>Only by its name: with systemd the system's unit is what pm2's users expect.</summary>
    public override bool IsHere(Func<string, bool> exists) => false;

    public override string MainFile(BootFacts facts) => System.IO.Path.Combine(facts.UserHome, $".config/systemd/user/{facts.Service}.service");

    public override BootPlan Install(BootFacts facts) => new(facts.Service, NeedsRoot: false,
    [
        new BootStep.Write(MainFile(facts), Unit(facts)),
        new BootStep.Run("systemctl", ["--user", "daemon-reload"]),
        new BootStep.Run("systemctl", ["--user", "enable", $"{facts.Service}.service"]),
        new BootStep.Run("loginctl", ["enable-linger", facts.User], IfItFails: $"the apps start when {facts.User} logs in, not with the machine; as root: loginctl enable-linger {facts.User}"),
    ]);

    public override BootPlan Uninstall(BootFacts facts) => new(facts.Service, NeedsRoot: false,
    [
        new BootStep.Run("systemctl", ["--user", "disable", $"{facts.Service}.service"]),
        new BootStep.Remove(MainFile(facts)),
        new BootStep.Run("systemctl", ["--user", "daemon-reload"]),
    ]);

    protected override string? RunsAs(BootFacts facts) => null;
}
