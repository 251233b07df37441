using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Xunit;
using ZeroDown.Cli.Boot;

namespace ZeroDown.Tests.Cli.Boot;

/// <summary>What <c>zd startup</c> would write and run. The files are checked by the tools that will read them, where they are installed.</summary>
public class BootPlanTests
{
    private static readonly BootFacts Plain = new()
    {
        User = "deploy",
        Uid = 1000,
        UserHome = "/home/deploy",
        ZdHome = "/home/deploy/.zd",
        Zd = ["/usr/local/bin/zd"],
        Path = "/usr/local/bin:/usr/bin:/bin",
        Service = "zd-deploy",
    };

    /// <summary>Everything that a quoting must survive.</summary>
    private static readonly BootFacts Strange = Plain with
    {
        UserHome = "/home/a b",
        ZdHome = "/home/a b/100% \"of\" it's $HOME \\ #;&|<>",
        Zd = ["/bin/sh", "/opt/my tools/z'd %h.dll"],
        Path = "/usr/bin:/opt/with space",
    };

    [Theory]
    [InlineData("/run/systemd/system", "systemd")]
    [InlineData("/run/openrc", "openrc")]
    [InlineData("/run/runit", "runit")]
    [InlineData("/run/nothing", null)]
    public void The_init_system_that_runs_the_machine_is_found(string there, string? name)
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "a Mac has launchd, whatever files there are");
        Assert.Equal(name, BootSystem.Detect(path => path == there)?.Name);
    }

    [Theory]
    [InlineData("ubuntu", "systemd")]
    [InlineData("centos", "systemd")]
    [InlineData("darwin", "launchd")]
    [InlineData("gentoo", "openrc")]
    [InlineData("systemd-user", "systemd-user")]
    [InlineData("upstart", null)]
    public void The_words_of_pm2_name_one(string word, string? name) => Assert.Equal(name, BootSystem.Find(word)?.Name);

    /// <summary>Issue 10, C13: a line break in DOTNET_ROOT added a directive.</summary>
    [Fact]
    public void A_line_break_in_any_word_is_told_before_a_file_is_written()
    {
        const string evil = "/x\nExecStartPre=/bin/evil";
        Assert.Null(Plain.Unfit);
        Assert.Null(Strange.Unfit);
        foreach (var facts in (BootFacts[])[Plain with { More = [("DOTNET_ROOT", evil)] }, Plain with { More = [(evil, "x")] }, Plain with { Path = evil }, Plain with { ZdHome = evil }, Plain with { UserHome = evil }, Plain with { User = evil }, Plain with { Zd = ["/bin/zd", evil] }])
            Assert.Equal(evil, facts.Unfit);
        Assert.NotNull((Plain with { Path = "a\rb" }).Unfit);
    }

    [Fact]
    public void The_unit_is_as_it_was_decided()
    {
        var plan = new SystemdSystem().Install(Plain);
        var unit = Assert.IsType<BootStep.Write>(plan.Steps[0]);
        Assert.Equal("/etc/systemd/system/zd-deploy.service", unit.Path);
        Assert.Equal(
            """
            # Written by zd startup; zd unstartup removes it.
            [Unit]
            Description=ZeroDown, the apps of deploy
            After=network.target

            [Service]
            Type=notify
            NotifyAccess=main
            User=deploy
            Environment=PATH=/usr/local/bin:/usr/bin:/bin
            Environment=ZD_HOME=/home/deploy/.zd
            ExecStart=/usr/local/bin/zd resurrect --service
            ExecReload=/usr/local/bin/zd reload all
            Restart=on-failure
            RestartSec=200ms
            TimeoutStartSec=infinity
            TimeoutStopSec=90s
            KillMode=process
            Delegate=yes
            OOMPolicy=continue
            LimitNOFILE=524288
            TasksMax=infinity

            [Install]
            WantedBy=multi-user.target

            """,
            unit.Text);
        Assert.Equal(["systemctl daemon-reload", "systemctl enable zd-deploy.service"], plan.Steps.OfType<BootStep.Run>().Select(run => run.ToString()));
    }

    [Theory]
    [InlineData("systemd")]
    [InlineData("systemd-user")]
    [InlineData("launchd")]
    [InlineData("openrc")]
    [InlineData("runit")]
    public void What_is_installed_can_be_taken_away_again(string name)
    {
        var system = BootSystem.Find(name)!;
        var removed = system.Uninstall(Plain).Steps.OfType<BootStep.Remove>().Select(step => step.Path).ToList();
        foreach (var step in system.Install(Plain).Steps)
        {
            if (step is BootStep.Write write)
            {
                Assert.Contains(BootSystem.Mark, write.Text, StringComparison.Ordinal);
                Assert.Contains(write.Path, removed);
            }
            else if (step is BootStep.Link link)
            {
                Assert.Contains(link.Path, removed);
            }
        }
    }

    [Fact]
    public void The_units_pass_systemd_analyze_verify()
    {
        using var folder = new TempFolder();
        foreach (var system in (Systemd[])[new SystemdSystem(), new SystemdUser()])
        {
            foreach (var facts in (BootFacts[])[Plain with { Zd = ["/bin/sh"], User = "root" }, Strange with { User = "root" }, Plain with { Zd = ["/bin/sh"], User = "root", WaitForNetwork = true }])
            {
                var unit = folder["zd-test.service"];
                File.WriteAllText(unit, system.Install(facts).Steps.OfType<BootStep.Write>().Single().Text);
                Assert.DoesNotContain("zd-test", Verify(unit), StringComparison.Ordinal);
            }
        }

        // So that the check can fail: a directive that does not exist is named with the unit's file.
        var wrong = folder["zd-test.service"];
        File.WriteAllText(wrong, "[Service]\nExecStart=/bin/sh\nNoSuchDirective=yes\n");
        Assert.Contains("zd-test", Verify(wrong), StringComparison.Ordinal);
    }

    /// <summary>What it names is in the table of <c>.github/SECURITY.md</c>, with the reason why it stays open.</summary>
    [Fact]
    public void Each_point_that_systemd_analyze_security_names_has_its_reason_in_the_table()
    {
        using var folder = new TempFolder();
        var reasons = Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, ".github/SECURITY.md")), "`([A-Z][^`]*=[^`]*)`").Select(match => match.Groups[1].Value).ToList();
        foreach (var user in (string[])["root", "ada"])
        {
            var unit = folder["zd-test.service"];
            File.WriteAllText(unit, new SystemdSystem().Install(Plain with { Zd = ["/bin/sh"], User = user }).Steps.OfType<BootStep.Write>().Single().Text);
            var named = Say("systemd-analyze", "security", "--offline=true", "--no-pager", "--json=short", unit);
            var points = Regex.Matches(named, "\"name\":\"([^\"]*)\"").Select(match => match.Groups[1].Value).ToList();
            Assert.True(points.Count > 40, named);
            Assert.DoesNotContain(points, point => !reasons.Exists(reason => reason.EndsWith('*') ? point.StartsWith(reason[..^1], StringComparison.Ordinal) : point == reason));
        }
    }

    /// <summary>It reads the machine's other units too and complains of those (Debian's unicorn.service has a bad line 9), so only what names our file counts.</summary>
    private static string Verify(string unit) => Say("systemd-analyze", "verify", "--man=no", unit);

    [Fact]
    public void The_scripts_are_read_by_a_shell_and_their_words_arrive_whole()
    {
        using var folder = new TempFolder();
        foreach (var write in new BootSystem[] { new OpenRc(), new Runit() }.SelectMany(system => system.Install(Strange).Steps.OfType<BootStep.Write>()))
        {
            var script = folder["script"];
            File.WriteAllText(script, write.Text);
            Assert.Equal("", Say("sh", "-n", script));
            // The lines that export, run by a shell, give back what went in.
            var exports = string.Join('\n', write.Text.Split('\n').Where(line => line.StartsWith("export ", StringComparison.Ordinal)));
            Assert.Equal(Strange.ZdHome, Say("sh", "-c", exports + "\nprintf %s \"$ZD_HOME\""));
        }
    }

    [Fact]
    public void The_property_list_is_XML_with_our_words_in_it()
    {
        var text = new Launchd().Install(Strange).Steps.OfType<BootStep.Write>().Single().Text;
        using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        var strings = XDocument.Load(reader).Descendants("string").Select(element => element.Value).ToList();
        Assert.Contains(Strange.Zd[1], strings);
        Assert.Contains(Strange.ZdHome, strings);
    }

    /// <summary>Both streams of a tool; skips the test where it is missing.</summary>
    private static string Say(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var text = process.StandardOutput.ReadToEnd() + error.Result;
            process.WaitForExit();
            return process.ExitCode == 0 ? text : $"{text} (exit code {process.ExitCode})";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed here");
            return "";
        }
    }
}
