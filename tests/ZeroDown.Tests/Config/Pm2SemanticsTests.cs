using Xunit;
using ZeroDown.Config;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Rpc;

namespace ZeroDown.Tests.Config;

/// <summary>What pm2's users rely on, where it takes more than one option to see it.</summary>
public sealed class Pm2SemanticsTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void The_environment_of_deploy_lies_between_the_shell_and_env()
    {
        _workspace.Context = _workspace.Context with { EnvironmentName = "staging" };
        var result = _workspace.Parse("""
            deploy: { staging: { user: node, env: { USER: deployer, A: deploy, B: deploy, C: deploy } }, production: { env: [1] } }
            apps: [{ script: server.js, env: { A: env, B: env }, env_staging: { B: named } }]
            """);
        Assert.Empty(result.Diagnostics);
        Assert.Equal(["A=env", "B=named", "C=deploy", "USER=deployer"], Declared(result));
    }

    [Fact]
    public void The_environment_of_deploy_alone_is_one_too()
    {
        _workspace.Context = _workspace.Context with { EnvironmentName = "staging" };
        var result = _workspace.Parse("""{"apps": [{"script": "server.js"}], "deploy": {"staging": {"env": {"A": 1}}}}""", "ecosystem.json");
        Assert.Empty(result.Diagnostics);
        Assert.Equal(["A=1"], Declared(result));
    }

    [Theory]
    [InlineData("true", "")]
    [InlineData("false", "HOME PATH SECRET_KEY USER XSECRET")]
    [InlineData("SECRET", "HOME PATH SECRET_KEY USER XSECRET")]
    [InlineData("SECRET_KEY", "HOME PATH USER XSECRET")]
    [InlineData("[SECRET]", "HOME PATH USER")]
    [InlineData("[SEC, OM]", "PATH USER")]
    public void Filter_env_holds_back_the_shell_and_never_what_is_declared(string filter, string left)
    {
        _workspace.Shell("SECRET_KEY", "1");
        _workspace.Shell("XSECRET", "1");
        var launch = _workspace.App($"filter_env: {filter}", "env: {MY_SECRET: 1}").Launch;
        Assert.Equal(left, string.Join(' ', launch.Environment.Select(v => v.Name).Where(n => n != "MY_SECRET")));
        Assert.Contains(new("MY_SECRET", "1"), launch.Environment);
        Assert.Equal(_workspace["bin/node"], launch.Program);
    }

    [Fact]
    public void Filter_env_travels_so_that_update_env_obeys_it()
    {
        var spec = _workspace.App("filter_env: [USER, OM]");
        Assert.Equal(spec, AppDefinitions.ToSpec(AppDefinitions.FromSpec(spec)));
        Assert.True(spec.Launch.ShellFilter.Drops("HOME"));
        Assert.False(spec.Launch.ShellFilter.Drops("PATH"));
    }

    [Fact]
    public void A_filter_that_comes_by_a_flag_later_takes_out_what_was_recorded()
    {
        var spec = _workspace.App("env: {USERS: 3}", "source_map_support: true", "node_args: --inspect");
        GivenOption[] flags = [new("filter_env", "--filter-env", ["USER", "X"]), new("disable_source_map_support", "--disable-source-map-support", "true")];
        var changed = Assert.Single(SpecChange.Apply(spec, flags, [], _workspace.Context).Specs).Launch;
        Assert.Equal(["HOME", "PATH", "USERS"], changed.Environment.Select(v => v.Name));
        Assert.Equal(["--no-enable-source-maps", "--inspect", _workspace["server.js"]], changed.Arguments);
        Assert.True(changed.ShellFilter.Drops("USERNAME"));
    }

    [Fact]
    public void Flags_about_watching_change_what_they_say_and_keep_the_rest()
    {
        Directory.CreateDirectory(_workspace["src"]);
        var spec = _workspace.App("watch: [src]", "ignore_watch: [dist]", "max_memory_restart: 1G");
        var watch = Change(spec, new("watch_delay", "--watch-delay", "4s")).Upkeep.Watch!;
        Assert.Equal(spec.Upkeep.Watch! with { Delay = TimeSpan.FromSeconds(4) }, watch);
        Assert.Equal([_workspace.Path], Change(spec, new("watch", "--watch", "true")).Upkeep.Watch!.Paths);
        Assert.Equal(["dist"], Change(spec, new("watch", "--watch", "true")).Upkeep.Watch!.Ignore);
        Assert.False(Change(_workspace.App(), new("ignore_watch", "--ignore-watch", "x")).Upkeep.Watch!.Enabled);
        Assert.Null(Change(spec, new("max_memory_restart", "--max-memory-restart", "null")).Upkeep.MaxMemoryBytes);

        AppSpec Change(AppSpec from, GivenOption flag) => Assert.Single(SpecChange.Apply(from, [flag], [], _workspace.Context).Specs);
    }

    [Theory]
    [InlineData("filter_env: {A: 1}", "expected true, a name or a list of parts of names, got a mapping")]
    [InlineData("filter_env: ['']", "expected text, got nothing")]
    [InlineData("env: {A: ['${NOPE}']}", "the variable NOPE is not set")]
    [InlineData("name_prefix: ''", "expected text, got nothing")]
    [InlineData("append_env_to_name: maybe", "expected true or false, got 'maybe'")]
    [InlineData("name_prefix: a/b", "'a/b:server' cannot be the name of an app")]
    public void Mistakes_in_them_are_told(string line, string message) =>
        Assert.Equal(message, Assert.Single(_workspace.Parse($"apps:\n  - script: server.js\n    {line}\n").Diagnostics).Message);

    [Theory]
    [InlineData(null, "web", "blue:web")]
    [InlineData("staging", "web-staging", "blue:web-staging")]
    public void Names_take_a_prefix_and_the_environment(string? environment, string appended, string both)
    {
        _workspace.Context = _workspace.Context with { EnvironmentName = environment };
        var apps = _workspace.Specs("""
            - { script: server.js, name: web, append_env_to_name: true, env_staging: {A: 1} }
            - { script: server.js, name: web, append_env_to_name: true, name_prefix: blue }
            - { script: server.js, name: blue-web, name_prefix: blue }
            """);
        Assert.Equal([appended, both, "blue-web"], apps.Select(a => a.Name.Value));
    }

    [Theory]
    [InlineData("web")]
    [InlineData("web-staging")]
    public void Only_takes_the_name_with_and_without_the_environment(string only)
    {
        _workspace.Context = _workspace.Context with { EnvironmentName = "staging", Only = [only] };
        Assert.Equal("web-staging", Assert.Single(_workspace.Specs("""
            - { script: server.js, name: web, append_env_to_name: true, env_staging: {A: 1} }
            - { script: gone.js, name: other }
            """)).Name.Value);
    }

    [Fact]
    public void One_variable_of_the_shell_renames_the_instance_variable_for_all()
    {
        _workspace.Shell("PM2_PROCESS_INSTANCE_VAR", "SLOT");
        Assert.Equal("SLOT", _workspace.App("instance_var: MINE").Launch.InstanceVariable);
    }

    [Fact]
    public void Execute_command_is_fork_whatever_exec_mode_says_and_a_flag_wins_over_both()
    {
        Assert.Equal(ExecMode.Fork, _workspace.App("execute_command: true", "exec_mode: cluster").ExecMode);
        Assert.Equal(ExecMode.Fork, _workspace.App("exec_mode: cluster", "execute_command: true").ExecMode);
        _workspace.Context = _workspace.Context with { Overrides = [new("exec_mode", "--exec-mode", "cluster")] };
        Assert.Equal(ExecMode.Cluster, _workspace.App("execute_command: true").ExecMode);
    }

    [Fact]
    public void Options_of_the_hosted_service_are_one_warning_in_all() => Assert.Equal("""
        ecosystem.yaml:3:12: warning: trace, io, deep_monitoring: for pm2's hosted service, which is not here; ignored
          trace: true
                 ^~~~
        """, _workspace.SaidOf("""
        apps:
          - script: server.js
            trace: true
            pmx: false
            io: { conf: { metrics: 1 } }
          - script: server.js
            name: other
            deep_monitoring: true
            trace: true
            v8: false
            automation: true
        """));

    [Theory]
    [InlineData("""{"name": "shop", "version": "1.0.0", "scripts": {}, "pm2": [{"script": "server.js"}]}""")]
    [InlineData("""{"name": "shop", "pm2": {"script": "server.js"}}""")]
    [InlineData("""{"name": "shop", "pm2": {"apps": [{"script": "server.js"}]}}""")]
    [InlineData("""{"name": "shop", "apps": [{"script": "server.js"}], "static": 3}""")]
    public void A_package_json_may_hold_the_apps(string text) =>
        Assert.Equal("server", Assert.Single(_workspace.Specs(text, "package.json")).Name.Value);

    [Fact]
    public void A_package_json_without_apps_says_so() =>
        Assert.Equal("this package.json has no 'pm2' and no 'apps'", Assert.Single(_workspace.Parse("""{"name": "x"}""", "package.json").Diagnostics).Message);

    [Theory]
    [InlineData("""{"apps": [{"script": "server.js"}],}""")]
    [InlineData("  // made by a script\n  [{\"script\": \"server.js\"}]")]
    [InlineData("apps:\n  - script: server.js\n")]
    public void Stdin_is_json_or_yaml(string text) => Assert.Equal("server", Assert.Single(_workspace.Specs(text, "-")).Name.Value);

    [Fact]
    public void The_first_of_the_known_files_is_taken()
    {
        string[] order = ["ecosystem.yaml", "ecosystem.yml", "ecosystem.json", "ecosystem.config.js", "ecosystem.config.cjs", "ecosystem.config.mjs", "ecosystem.config.ts"];
        Assert.Null(EcosystemFile.FindIn(_workspace.Path));
        foreach (var name in order.Reverse())
        {
            _workspace.File(name);
            Assert.Equal(_workspace[name], EcosystemFile.FindIn(_workspace.Path));
        }
    }

    [Fact]
    public void Source_maps_are_nodes_own_and_not_said_twice()
    {
        Assert.Equal(["--enable-source-maps", "--inspect"], _workspace.App("source_map_support: true", "node_args: [--inspect, --enable-source-maps]").Launch.InterpreterArguments);
        _workspace.File("tool.py");
        Assert.Empty(_workspace.App("script: tool.py", "source_map_support: true").Launch.InterpreterArguments);
        Assert.Empty(_workspace.App("script: tool.py", "source_map_support: false").Launch.InterpreterArguments);
    }

    [Theory]
    [InlineData("x-note: nothing said", "")]
    [InlineData("source_map_support: true", "--enable-source-maps")]
    [InlineData("source_map_support: false", "--no-enable-source-maps")]
    [InlineData("disable_source_map_support: true", "--no-enable-source-maps")]
    [InlineData("disable_source_map_support: false", "")]
    public void Source_maps_are_switched_by_an_argument_of_nodes_and_else_left_to_the_preload(string option, string argument)
    {
        Assert.Equal(argument, string.Join(' ', _workspace.App(option).Launch.InterpreterArguments));
        var line = _workspace.App("script: node server.js", option).Launch;
        Assert.Equal($"{argument} server.js".TrimStart(), string.Join(' ', line.Arguments));
    }

    private static IEnumerable<string> Declared(ConfigResult result)
    {
        var launch = result.Specs.Single().Launch;
        return launch.DeclaredVariables.Select(n => $"{n}={launch.Environment.Single(v => v.Name == n).Value}");
    }
}
