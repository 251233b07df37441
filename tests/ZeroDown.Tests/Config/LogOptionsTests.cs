using Xunit;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

public sealed class LogOptionsTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("time: true", "YYYY-MM-DDTHH:mm:ss")]
    [InlineData("log_date_format: 'YYYY-MM-DD HH:mm Z'", "YYYY-MM-DD HH:mm Z")]
    [InlineData("time: false", null)]
    public void A_date_is_pm2s_pattern_or_its_short_form(string line, string? pattern) => Assert.Equal(pattern, Log(line).DateFormat);

    [Fact]
    public void The_pattern_wins_over_the_short_form() => Assert.Equal("HH:mm", Log("time: true", "log_date_format: 'HH:mm'").DateFormat);

    [Fact]
    public void The_combined_file_starts_at_the_cwd_and_has_a_default_name()
    {
        Assert.Equal(_workspace["logs/app.log"], Log("log: ./logs/app.log").CombinedFile);
        Assert.Equal(LogSpec.DefaultFile, Log("log_file: true").CombinedFile);
        Assert.Equal("/dev/null", Log("log_file: NULL").CombinedFile ?? "/dev/null");
        Assert.Null(Log("log_file: false").CombinedFile);
        Assert.Null(Log("time: true").CombinedFile);
    }

    [Fact]
    public void Json_merged_disabled_and_the_pid_file_are_read()
    {
        var log = Log("log_type: json", "combine_logs: true", "disable_logs: true", "pid: ./run/app.pid");
        Assert.True(log is { Json: true, Merge: true, Disabled: true });
        Assert.Equal(_workspace["run/app.pid"], log.PidFile);
    }

    [Fact]
    public void Another_type_than_json_is_said() => Assert.Contains("expected json, got 'xml'", _workspace.Said("log_type: xml"), StringComparison.Ordinal);

    private LogSpec Log(params string[] lines) => _workspace.App(lines).Log;
}
