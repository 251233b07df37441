using Xunit;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

/// <summary>What a file says about a Node program, and what follows from it.</summary>
public sealed class NodeTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(ExecMode.Fork, ReadySign.Settled)]
    [InlineData(ExecMode.Cluster, ReadySign.Listening, "exec_mode: cluster")]
    [InlineData(ExecMode.Cluster, ReadySign.Listening, "instances: 1")]
    [InlineData(ExecMode.Cluster, ReadySign.Listening, "instances: max")]
    [InlineData(ExecMode.Fork, ReadySign.Settled, "instances: 2", "exec_mode: fork")]
    [InlineData(ExecMode.Cluster, ReadySign.Listening, "listen: ':4000'")]
    [InlineData(ExecMode.Fork, ReadySign.Listening, "listen: ':4000'", "exec_mode: fork")]
    [InlineData(ExecMode.Cluster, ReadySign.Spoken, "instances: 2", "wait_ready: true")]
    [InlineData(ExecMode.Cluster, ReadySign.SpokenStrict, "instances: 2", "wait_ready: strict")]
    public void Cluster_mode_follows_from_instances_as_in_pm2_and_its_workers_are_ready_when_they_listen(ExecMode mode, ReadySign sign, params string[] options)
    {
        var app = _workspace.App(options);
        Assert.Equal(Runtime.Node, app.Launch.Runtime);
        Assert.Equal(mode, app.ExecMode);
        Assert.Equal(sign, app.Ready.Sign);
        Assert.Equal("SIGINT", app.Stop.Signal);
    }

    [Theory]
    [InlineData(ExecMode.Fork, "instances: 2")]
    [InlineData(ExecMode.Cluster, "instances: 2", "listen: ':4000'")]
    public void Other_programs_share_a_socket_only_where_one_is_declared(ExecMode mode, params string[] options)
    {
        _workspace.File("a.py");
        var app = _workspace.App(["script: a.py", .. options]);
        Assert.Equal(Runtime.Other, app.Launch.Runtime);
        Assert.Equal(mode, app.ExecMode);
        Assert.False(app.IsNodeCluster);
    }

    [Fact]
    public void Shutdown_with_message_is_for_node_and_any_other_program_is_told_so()
    {
        _workspace.File("a.py");
        Assert.True(_workspace.App("shutdown_with_message: true").Stop.ByMessage);
        Assert.True(_workspace.App("shutdownWithMessage: true").Stop.ByMessage);
        Assert.False(_workspace.App("shutdown_with_message: false").Stop.ByMessage);
        Assert.False(_workspace.App("script: a.py", "shutdown_with_message: true").Stop.ByMessage);
        Assert.Contains("only a Node or Bun program can be sent a message", _workspace.Said("script: a.py", "shutdown_with_message: true"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("instances: 2")]
    [InlineData("exec_mode: cluster")]
    [InlineData("listen: ':4000'")]
    public void Bun_gets_the_channel_and_runs_in_fork_mode_because_it_takes_no_socket_from_its_parent(string option)
    {
        _workspace.Executable("bin/bun");
        var app = _workspace.App("interpreter: bun", "shutdown_with_message: true", option);
        Assert.Equal((Runtime.Node, ExecMode.Fork, "SIGINT"), (app.Launch.Runtime, app.ExecMode, app.Stop.Signal));
        Assert.True(app.Stop.ByMessage && !app.IsNodeCluster);
        Assert.Equal(option == "exec_mode: cluster", _workspace.Said("interpreter: bun", option).Contains("Bun does not take a listening socket", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("#!/usr/bin/env node\n", true)]
    [InlineData("#!/usr/local/bin/node\n", true)]
    [InlineData("#!/usr/bin/env bash\n", false)]
    [InlineData("#!/usr/bin/env -S node --flag\n", false)]
    [InlineData("#!/usr/bin/env node", false)]
    public void A_program_that_asks_for_node_in_its_first_line_is_run_by_node(string text, bool isNode)
    {
        var file = _workspace.Executable("node_modules/.bin/next");
        _workspace.File("node_modules/.bin/next", text + "console.log(1)");
        var app = _workspace.App("script: node_modules/.bin/next", "args: start");
        Assert.Equal(isNode ? Runtime.Node : Runtime.Other, app.Launch.Runtime);
        Assert.Equal(isNode ? _workspace["bin/node"] : file, app.Launch.Program);
        Assert.Equal(isNode ? [file, "start"] : ["start"], app.Launch.Arguments);
    }
}
