using System.Globalization;
using System.Security;

namespace ZeroDown.Cli.Boot;

/// <summary>
/// macOS: a daemon of the system for a user (<c>-u</c> as root), an agent for oneself. <c>KeepAlive/SuccessfulExit=false</c> is systemd's on-failure, <c>AbandonProcessGroup</c> its
/// <c>KillMode=process</c>. There is no ready notice.
/// </summary>
internal sealed class Launchd : BootSystem
{
    public override string Name => "launchd";

    public override string[] Aliases => ["darwin", "macos"];

    public override bool IsHere(Func<string, bool> exists) => OperatingSystem.IsMacOS();

    public override string MainFile(BootFacts facts) => $"/Library/LaunchDaemons/{facts.Service}.plist";

    public override BootPlan Install(BootFacts facts) => new(facts.Service, NeedsRoot: true,
    [
        new BootStep.Write(MainFile(facts), Plist(facts)),
        new BootStep.Run("launchctl", ["enable", $"system/{facts.Service}"]),
    ]);

    public override BootPlan Uninstall(BootFacts facts) => new(facts.Service, NeedsRoot: true,
    [
        new BootStep.Run("launchctl", ["disable", $"system/{facts.Service}"]),
        new BootStep.Remove(MainFile(facts)),
    ]);

    private static string Plist(BootFacts facts) => string.Create(CultureInfo.InvariantCulture, $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- {Mark} -->
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        <dict>
          <key>Label</key>
          <string>{Xml(facts.Service)}</string>
          <key>UserName</key>
          <string>{Xml(facts.User)}</string>
          <key>ProgramArguments</key>
          <array>
        {string.Join('\n', facts.Zd.Concat(["resurrect", "--service"]).Select(word => $"    <string>{Xml(word)}</string>"))}
          </array>
          <key>EnvironmentVariables</key>
          <dict>
        {string.Join('\n', facts.Environment.Append(("HOME", facts.UserHome)).Select(variable => $"    <key>{Xml(variable.Item1)}</key>\n    <string>{Xml(variable.Item2)}</string>"))}
          </dict>
          <key>RunAtLoad</key>
          <true/>
          <key>KeepAlive</key>
          <dict>
            <key>SuccessfulExit</key>
            <false/>
          </dict>
          <key>AbandonProcessGroup</key>
          <true/>
          <key>ExitTimeOut</key>
          <integer>120</integer>
        </dict>
        </plist>

        """);

    private static string Xml(string text) => SecurityElement.Escape(text);
}
