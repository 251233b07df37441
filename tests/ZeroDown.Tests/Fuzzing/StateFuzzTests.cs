using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;
using ZeroDown.Tests.Core;

namespace ZeroDown.Tests.Fuzzing;

/// <summary>A state or a saved list without a checksum, as an older zd or an editor leaves it, with something wrong in it: read or refused, in words.</summary>
public sealed class StateFuzzTests
{
    private static readonly byte[] State = Written();

    [Fact]
    public void A_state_is_read_or_refused() => Fuzz.Run(20_000, dice =>
    {
        var spoilt = Fuzz.Spoil(dice, State);
        try
        {
            _ = StateOnDisk.Parse(spoilt);
        }
        catch (UnreadableStateException refused)
        {
            Assert.NotEmpty(refused.Message);
        }
    });

    private static byte[] Written()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        story.Start(NodeStory.Spec() with { Name = new AppName("node"), Log = new LogSpec { OutFile = "/var/log/x", DateFormat = "YYYY" } });
        var node = story.Current(0, "node");
        story.Runs(node).Asks(node);
        var buffer = new ByteBuffer();
        using var codec = new FleetCodec();
        StateOnDisk.Of(new Remembered(story.State, DeskBook.Empty), new StateOrigin { BootId = Machine.BootId, At = DateTimeOffset.UnixEpoch }, _ => 7).Write(codec, buffer);
        return buffer.Written.ToArray();
    }
}
