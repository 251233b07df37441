using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Keeper;

public sealed class WireTests
{
    private static readonly ExecSettings Full = new()
    {
        Program = "/bin/ümlaut",
        Arguments = ["a", "", "c d"],
        Environment = ["A=1"],
        PidVariables = ["LISTEN_PID"],
        WorkingDirectory = "/tmp",
        Fds = [0, 1, 2, 7],
        Umask = 18,
        Nice = -5,
        UserId = uint.MaxValue - 1,
        GroupId = 0,
        Groups = [4, uint.MaxValue - 1],
        Limits = [new ProcessLimit(LimitedResource.CoreFile, 0, ProcessLimit.Unlimited)],
    };

    [Fact]
    public void Settings_arrive_as_they_were_written() => Assert.Equivalent(Full, SettingsFile.Decode(SettingsFile.Encode(Full)), strict: true);

    [Fact]
    public void What_is_not_set_stays_unset()
    {
        var bare = new ExecSettings { Program = "/x", Arguments = ["x"], Environment = [], PidVariables = [], WorkingDirectory = "/", Fds = [] };

        var read = SettingsFile.Decode(SettingsFile.Encode(bare));
        Assert.Equal((null, null, null, null, null), (read.Umask, read.Nice, read.UserId, read.GroupId, read.Groups));
    }

    [Fact]
    public void A_setting_of_a_newer_daemon_fails_the_launch_instead_of_being_lost()
    {
        byte[] withUnknown = [.. SettingsFile.Encode(Full), 200, 0, 0, 0, 0];

        Assert.Contains("setting (number 200)", Assert.Throws<InvalidDataException>(() => SettingsFile.Decode(withUnknown)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_end_too_early_are_refused_at_every_length()
    {
        var whole = SettingsFile.Encode(Full);
        var fields = 0;
        for (var length = 1; length < whole.Length; length++)
        {
            try
            {
                // A cut between two fields cannot be seen; the trampoline reads a descriptor that the daemon wrote whole.
                SettingsFile.Decode(whole.AsSpan(0, length));
                fields++;
            }
            catch (InvalidDataException)
            {
            }
        }

        Assert.Equal(11, fields);
    }

    [Fact]
    public void A_broken_count_does_not_allocate_the_world()
    {
        var message = new WireWriter().I32(int.MaxValue).Written.ToArray();

        Assert.Throws<InvalidDataException>(() => new WireReader(message).Texts());
        Assert.Throws<InvalidDataException>(() => new WireReader(message).Text());
        Assert.Throws<InvalidDataException>(() => new WireReader([255, 255, 255, 255]).Texts());
    }

    [Fact]
    public void A_keeper_says_whether_it_is_new_to_what_was_ordered_and_one_that_does_not_say_so_is_not()
    {
        Assert.True(Welcomed(fields => fields.Flag(true)).AfterSuccession);
        Assert.False(Welcomed(fields => fields.Flag(false)).AfterSuccession);
        Assert.False(Welcomed(fields => fields).AfterSuccession);

        static GiveBack Welcomed(Func<WireWriter, WireWriter> more)
        {
            var reader = new GiveBackReader();
            using var welcome = new FdMessage(more(new KeeperFields(1, 4711, 2, 0).Write(new WireWriter().U8((byte)News.Welcome))).Written.ToArray(), []);
            using var end = new FdMessage([(byte)News.EndOfGiveBack], []);
            Assert.Null(reader.Add(welcome));
            return reader.Add(end)!;
        }
    }

    [Fact]
    public void News_of_an_unknown_kind_are_ignored_and_added_fields_too()
    {
        Assert.Null(EventReader.Read([250, 1, 2, 3]));
        Assert.Equal(new KeeperEvent.Started(7), EventReader.Read(new WireWriter().U8((byte)News.Started).I64(7).Text("of a later version").Written.Span));
    }

    [Fact]
    public void An_exit_arrives_as_it_was()
    {
        var exit = new ChildExit(null, 11, true, 123_456_789_012, TimeSpan.FromMicroseconds(1), TimeSpan.FromHours(100), TimeSpan.FromDays(20));

        var read = EventReader.Read(new WireWriter().U8((byte)News.Exited).I64(long.MinValue).Exit(exit).Written.Span);
        Assert.Equal(new KeeperEvent.Exited(long.MinValue, exit), read);
    }
}
