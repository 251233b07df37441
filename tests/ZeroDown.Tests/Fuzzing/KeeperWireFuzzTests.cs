using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Fuzzing;

/// <summary>What keeper, daemon and trampoline say to each other, with something wrong in it: refused with the one exception that is for it, and without taking memory for a length that lies.</summary>
public sealed class KeeperWireFuzzTests
{
    /// <summary>In bytes; a message of some hundred bytes has no business with more.</summary>
    private const long MostMemory = 1024 * 1024;

    private static readonly byte[][] Messages =
    [
        Message(News.Spawned).I64(7).I32(4711).I64(99).Written.ToArray(),
        Message(News.Started).I64(7).Written.ToArray(),
        Message(News.Looked).I64(3).I64(7).I32(3).U8(1).U8(2).U8(3).Written.ToArray(),
        Message(News.Updated).Text("token").U8(1).Text("a sentence about it").Written.ToArray(),
    ];

    private static readonly byte[] Settings = SettingsFile.Encode(new ExecSettings
    {
        Program = "/bin/ümlaut",
        Arguments = ["a", "", "c d"],
        Environment = ["A=1", "B=2"],
        PidVariables = ["LISTEN_PID"],
        WorkingDirectory = "/tmp",
        Fds = [0, 1, 2, 7],
        Umask = 18,
        Groups = [4, 5],
        Limits = [new ProcessLimit(LimitedResource.CoreFile, 0, ProcessLimit.Unlimited)],
    });

    [Fact]
    public void What_the_keeper_tells() => Fuzz.Run(100_000, dice => Refused(() =>
    {
        var message = Fuzz.Spoil(dice, Messages[dice.Next(Messages.Length)], Messages[dice.Next(Messages.Length)]);
        if (dice.Next(2) == 0 && message.Length > 0)
            message[0] = (byte)dice.Next(16);
        _ = EventReader.Read(message);
    }));

    [Fact]
    public void A_worker_s_settings() => Fuzz.Run(100_000, dice => Refused(() =>
    {
        var read = SettingsFile.Decode(Fuzz.Spoil(dice, Settings));
        _ = SettingsFile.Encode(read);
    }));

    private static WireWriter Message(News kind) => new WireWriter().U8((byte)kind);

    private static void Refused(Action read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (InvalidDataException)
        {
            // That is what it is for.
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory);
    }
}
