using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Tests.Daemon;

public sealed class LogPathsTests
{
    private readonly LogPaths _paths = new("/home/u/.zd/logs");

    [Fact]
    public void A_single_fork_app_has_one_file_per_stream_without_a_number() =>
        Assert.Equal(("/home/u/.zd/logs/web-out.log", "/home/u/.zd/logs/web-error.log"), _paths.Of(Some.App(instances: 1), 3));

    [Fact]
    public void Several_instances_have_a_file_each() =>
        Assert.Equal(("/home/u/.zd/logs/web-out-3.log", "/home/u/.zd/logs/web-error-3.log"), _paths.Of(Some.App(), 3));

    [Fact]
    public void A_configured_file_gets_the_number_before_its_ending() =>
        Assert.Equal("/var/log/a-3.log", _paths.Of(Some.App() with { Log = new LogSpec { OutFile = "/var/log/a.log" } }, 3).Out);

    [Fact]
    public void Merged_logs_share_a_file() =>
        Assert.Equal("/var/log/a.log", _paths.Of(Some.App() with { Log = new LogSpec { OutFile = "/var/log/a.log", Merge = true } }, 3).Out);

    [Fact]
    public void NULL_is_nowhere() =>
        Assert.Equal("/dev/null", _paths.Of(Some.App() with { Log = new LogSpec { OutFile = "NULL" } }, 3).Out);

    [Theory]
    [InlineData("node jobs", "node-jobs")]
    [InlineData("my_app", "my-app")]
    [InlineData("api:v1.2", "api-v1.2")]
    [InlineData("köln", "köln")]
    public void A_name_becomes_a_file_name_as_with_pm2(string name, string file) =>
        Assert.Equal($"/home/u/.zd/logs/{file}-out.log", _paths.Of(Some.App(name, instances: 1), 0).Out);

    [Fact]
    public void A_name_with_slashes_stays_in_the_folder() =>
        Assert.Equal("/home/u/.zd/logs/..-..-x-out-0.log", _paths.Of(Some.App("../../x"), 0).Out);
}
