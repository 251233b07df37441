namespace ZeroDown.Cli.Boot;

/// <summary>OpenRC with its own supervisor, which starts the keeper again when it was killed, and signals it alone.</summary>
internal sealed class OpenRc : BootSystem
{
    public override string Name => "openrc";

    public override string[] Aliases => ["gentoo", "alpine"];

    public override bool IsHere(Func<string, bool> exists) => exists("/run/openrc") || exists("/sbin/openrc-run");

    public override string MainFile(BootFacts facts) => $"/etc/init.d/{facts.Service}";

    public override BootPlan Install(BootFacts facts) => new(facts.Service, NeedsRoot: true,
    [
        new BootStep.Write(MainFile(facts), Script(facts), Executable: true),
        new BootStep.Run("rc-update", ["add", facts.Service, "default"]),
    ]);

    public override BootPlan Uninstall(BootFacts facts) => new(facts.Service, NeedsRoot: true,
    [
        new BootStep.Run("rc-update", ["del", facts.Service, "default"]),
        new BootStep.Remove(MainFile(facts)),
    ]);

    private static string Script(BootFacts facts) => $$"""
        #!/sbin/openrc-run
        # {{Mark}}
        description={{Sh($"ZeroDown, the apps of {facts.User}")}}
        {{string.Join('\n', facts.Environment.Append(("HOME", facts.UserHome)).Select(variable => $"export {variable.Item1}={Sh(variable.Item2)}"))}}
        supervisor=supervise-daemon
        command={{Sh(facts.Zd[0])}}
        command_args={{Sh(ShWords(facts.Zd.Skip(1).Concat(["resurrect", "--service"])))}}
        command_user={{Sh(facts.User)}}
        respawn_delay=1
        # Drains as long as the apps' own timeouts say; this is only for a keeper that hangs.
        retry="TERM/300/KILL/5"
        rc_ulimit="-n 524288"
        extra_started_commands="reload"

        depend() {
          {{(facts.WaitForNetwork ? "need net" : "use net")}}
          after firewall
        }

        reload() {
          ebegin "Reloading every app of {{facts.User}}"
          su -s /bin/sh -c {{Sh($"{string.Join(' ', facts.Environment.Select(variable => $"{variable.Name}={Sh(variable.Value)}"))} exec {ShWords([.. facts.Zd, "reload", "all"])}")}} {{Sh(facts.User)}}
          eend $?
        }

        """;
}
