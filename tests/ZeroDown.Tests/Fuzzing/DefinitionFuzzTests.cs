using System.Text.Json;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Protocol;
using ZeroDown.Tests.Core;

namespace ZeroDown.Tests.Fuzzing;

/// <summary>What a client of the pipe sends as an app, with something wrong in it: a client need not be <c>zd</c>, and an exception that nobody expects ends the daemon's loop.</summary>
public sealed class DefinitionFuzzTests
{
    private static readonly byte[] Good = JsonSerializer.SerializeToUtf8Bytes(
        AppDefinitions.FromSpec(FleetStory.Spec(instances: 2) with
        {
            Log = new LogSpec { OutFile = "/var/log/x", DateFormat = "YYYY-MM-DD" },
            Launch = FleetStory.Spec().Launch with { RunAs = new RunAs { Name = "bob", UserId = 1001, GroupId = 1001, Groups = [4] } },
        }),
        ProtocolJson.StrictOf<AppDefinition>());

    [Fact]
    public void An_app_from_the_pipe_is_taken_or_refused_and_what_is_taken_can_be_run()
    {
        var taken = 0;
        Fuzz.Run(30_000, dice =>
        {
            try
            {
                var spec = AppDefinitions.ToSpec(JsonSerializer.Deserialize(Fuzz.Spoil(dice, Good), ProtocolJson.StrictOf<AppDefinition>())!);
                taken++;
                var story = new FleetStory();
                story.Start(spec);
                story.ListenersOpen();
            }
            catch (Exception refused) when (refused is JsonException or FormatException)
            {
                Assert.NotEmpty(refused.Message);
            }
        });
        Assert.True(taken > 100, $"{taken} were taken");
    }

    [Fact]
    public void No_app_at_all_is_refused_too() => Assert.Throws<FormatException>(() => AppDefinitions.ToSpec(null!));
}
