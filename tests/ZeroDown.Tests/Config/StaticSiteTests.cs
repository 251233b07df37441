using Xunit;
using ZeroDown.Config;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

/// <summary>Folders that are served: <c>static:</c>, pm2's <c>script: serve</c>, and what <c>zd serve</c> makes.</summary>
public sealed class StaticSiteTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public StaticSiteTests()
    {
        _workspace.File("dist/index.html");
        _workspace.Context = _workspace.Context with { FileServer = ["/usr/bin/zd", "serve-files"] };
    }

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void An_entry_of_static_is_an_app_on_a_socket_of_the_daemons()
    {
        var apps = _workspace.Specs("""
            apps: [{script: server.js}]
            static:
              - path: dist
                port: 8081
                spa: true
                basic_auth: { username: ada, password: "1815" }
              - { name: files, path: ., port: 80, host: 127.0.0.1, directory: true }
            """);
        Assert.Equal(["server", "static-page-server-8081", "files"], apps.Select(app => app.Name.Value));
        Assert.Equal(["serve-files", _workspace["dist"]], apps[1].Launch.Arguments);
        Assert.Equal(["0.0.0.0:8081", "127.0.0.1:80"], apps[1..].Select(app => app.Listen.Single().Address.ToString()));
        Assert.All(apps[1..], app => Assert.Equal((ExecMode.Cluster, ReadySign.Spoken), (app.ExecMode, app.Ready.Sign)));
        Assert.Equal(
            "BASIC_AUTH=true BASIC_AUTH_PASSWORD=1815 BASIC_AUTH_USERNAME=ada PATH=dist PORT=8081 SPA=true",
            string.Join(' ', apps[1].Launch.Environment.Where(v => v.Name.StartsWith("PM2_SERVE_", StringComparison.Ordinal)).Select(v => $"{v.Name["PM2_SERVE_".Length..]}={v.Value}")));
    }

    [Theory]
    [InlineData("static: 3", "a folder to serve")]
    [InlineData("static: [{prot: 80}]", "did you mean 'port'?")]
    [InlineData("static: [{port: 99999}]", "too large")]
    [InlineData("static: [{path: nowhere}]", "does not exist")]
    [InlineData("static: [{basic_auth: true}]", "'username' and 'password'")]
    [InlineData("apps: [{script: serve, env: {PM2_SERVE_PORT: many}}]", "port")]
    public void What_cannot_be_served_is_said(string text, string said) =>
        Assert.Contains(said, _workspace.SaidOf(text), StringComparison.Ordinal);

    [Fact]
    public void Script_serve_is_pm2s_server_unless_there_is_a_program_of_that_name_and_nothing_says_otherwise()
    {
        Assert.Equal("/usr/bin/zd", _workspace.App("script: serve").Launch.Program);
        _workspace.Executable("bin/serve");
        Assert.Equal(_workspace["bin/serve"], _workspace.App("script: serve").Launch.Program);
        var served = _workspace.App("script: serve", "env: { PM2_SERVE_PATH: dist, PM2_SERVE_PORT: 8081 }");
        Assert.Equal(("/usr/bin/zd", _workspace["dist"], "0.0.0.0:8081"), (served.Launch.Program, served.Launch.Arguments[^1], served.Listen.Single().Address.ToString()));
    }

    [Fact]
    public void Listen_wins_over_pm2s_variables() =>
        Assert.Equal("127.0.0.1:9", _workspace.App("script: serve", "listen: 127.0.0.1:9", "env: { PM2_SERVE_PORT: 8081 }").Listen.Single().Address.ToString());

    [Theory]
    [InlineData(true, "script: serve")]
    [InlineData(true, "script: serve", "instances: 1")]
    [InlineData(false, "script: serve", "instances: 2")]
    [InlineData(false, "script: serve", "exec_mode: cluster")]
    [InlineData(false, "script: serve", "merge_logs: false")]
    public void Log_files_of_a_single_server_have_no_number_as_in_pm2s_fork_mode(bool merged, params string[] lines) =>
        Assert.Equal(merged, _workspace.App(lines).Log.Merge);

    [Fact]
    public void The_verb_makes_the_same()
    {
        var result = EcosystemFile.FromSite(new StaticSite { Folder = _workspace["dist"], Port = 3000 }, [new("instances", "-i", "2")], _workspace.Context);
        var app = Assert.Single(result.Specs);
        Assert.Equal(("static-page-server-3000", 2, "0.0.0.0:3000"), (app.Name.Value, app.Instances, app.Listen.Single().Address.ToString()));
    }
}
