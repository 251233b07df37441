using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Tests.Core;

namespace ZeroDown.Tests.Daemon;

/// <summary>The last words of a worker whose port is taken, in the spelling of many languages, and what an answer advises.</summary>
public class AddressInUseTests
{
    [Theory]
    [InlineData("Error: listen EADDRINUSE: address already in use :::3000")]
    [InlineData("  code: 'EADDRINUSE',")]
    [InlineData("OSError: [Errno 98] Address already in use")]
    [InlineData("OSError: [Errno 98] Adresse déjà utilisée")]
    [InlineData("listen tcp :8080: bind: address already in use")]
    [InlineData("System.IO.IOException: Failed to bind to address http://127.0.0.1:5000: address already in use.")]
    [InlineData("java.net.BindException: Address already in use")]
    [InlineData("Web server failed to start. Port 8080 was already in use.")]
    [InlineData("Bind for 0.0.0.0:80 failed: port is already allocated")]
    [InlineData("Address already in use - bind(2) for \"0.0.0.0\" port 4567 (Errno::EADDRINUSE)")]
    [InlineData("Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }")]
    [InlineData("[ERROR] Connection in use: ('127.0.0.1', 8000)")]
    [InlineData("error: Failed to start server. Is port 3000 in use?")]
    [InlineData("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)")]
    [InlineData("** (Mix) {:error, :eaddrinuse}")]
    public void An_address_in_use_is_understood_in_many_spellings(string line) => Assert.True(AddressInUse.IsSaidIn(["starting", line, ""]));

    [Theory]
    [InlineData("listening on port 3000")]
    [InlineData("the report was in use")]
    [InlineData("Error: connect ECONNREFUSED 127.0.0.1:5432")]
    [InlineData("database port: in use")]
    [InlineData("")]
    public void Other_words_are_not_taken_for_it(string line) => Assert.False(AddressInUse.IsSaidIn([line]));

    [Fact]
    public void Of_several_workers_the_answer_says_how_they_can_share_it_and_how_to_run_one()
    {
        var says = Reason(Fork(instances: 2));
        Assert.Contains("only one can bind it", says, StringComparison.Ordinal);
        Assert.Contains("listen:", says, StringComparison.Ordinal);
        Assert.Contains("zd scale api 1", says, StringComparison.Ordinal);
        Assert.Contains("exec_mode: cluster", Reason(Fork(2, script: "/srv/server.js", Runtime.Node)), StringComparison.Ordinal);
        Assert.Contains("in place of npm: zd start server.js -i 2", Reason(Fork(2, script: "npm")), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_one_worker_another_program_has_it_or_in_a_reload_the_old_worker()
    {
        Assert.Contains("by another program", Reason(Fork(1)), StringComparison.Ordinal);
        Assert.Contains("zd restart api", Reason(Fork(1), inRoll: true), StringComparison.Ordinal);
        Assert.Contains("LISTEN_FDS", Reason(FleetStory.Spec(instances: 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_such_words_there_is_only_the_cause() =>
        Assert.DoesNotContain("in use", Phrases.Reason(Cause, ["no database"], Fork(2), inRoll: false), StringComparison.Ordinal);

    private static FailureCause Cause => new FailureCause.Exited(new ExitStatus(1), TimeSpan.FromMilliseconds(300));

    private static string Reason(AppSpec spec, bool inRoll = false) => Phrases.Reason(Cause, ["Error: listen EADDRINUSE"], spec, inRoll);

    private static AppSpec Fork(int instances, string script = "/srv/api", Runtime runtime = Runtime.Other)
    {
        var spec = FleetStory.Spec(instances: instances, sign: ReadySign.Settled, port: null);
        return spec with { Launch = spec.Launch with { Script = script, Runtime = runtime } };
    }
}
