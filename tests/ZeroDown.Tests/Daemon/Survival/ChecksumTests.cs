using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;
using ZeroDown.Protocol;
using ZeroDown.Tests.Core;

namespace ZeroDown.Tests.Daemon.Survival;

/// <summary>Issue 10, A4: of 400 mutations of a state file 60 changed a definition, and nobody noticed.</summary>
public sealed class ChecksumTests : IDisposable
{
    private const int Mutations = 2000;

    private readonly TempFolder _folder = new();
    private readonly HomeFolder _home;
    private readonly FleetState _fleet = FleetStory.Running(FleetStory.Spec(instances: 3) with
    {
        Launch = FleetStory.Spec().Launch with { Environment = [new("TOKEN", ",\"checksum\":\"1\"}"), new("PORT", "4000")] },
    }).State;

    public ChecksumTests() => _home = new HomeFolder(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Whatever_happens_to_a_state_it_is_refused_or_read_as_it_was_written()
    {
        var file = new StateFile(_home);
        file.Write(StateOnDisk.Of(new Remembered(_fleet, DeskBook.Empty), new StateOrigin { BootId = Machine.BootId, At = DateTimeOffset.UnixEpoch }, _ => 1));
        var good = File.ReadAllBytes(_home.State);
        var refused = 0;
        for (var seed = 0; seed < Mutations; seed++)
        {
            File.WriteAllBytes(_home.State, Spoilt(good, new Random(seed)));
            var (read, problems) = file.Read(setAside: false);
            if (read is null)
                Assert.NotEmpty(problems);
            else
                Assert.True(AnyState.Difference(_fleet, read.State.Fleet) is null, $"seed {seed}: {AnyState.Difference(_fleet, read.State.Fleet)}");
            refused += read is null ? 1 : 0;
        }

        Assert.InRange(refused, Mutations * 8 / 10, Mutations);
    }

    [Fact]
    public void The_same_holds_for_a_saved_list()
    {
        _ = new SavedFleet(_home).Write(_fleet);
        var good = File.ReadAllBytes(_home.Dump);
        var apps = new SavedFleet(_home).Read().Apps;
        for (var seed = 0; seed < Mutations; seed++)
        {
            File.WriteAllBytes(_home.Dump, Spoilt(good, new Random(seed)));
            if (SavedFleet.ProblemOf(_home.Dump) is null)
                Assert.Equal(apps.Select(app => app.Spec), new SavedFleet(_home).Read().Apps.Select(app => app.Spec));
        }
    }

    [Fact]
    public void A_saved_list_that_somebody_has_edited_is_taken_when_he_takes_the_checksum_out()
    {
        _ = new SavedFleet(_home).Write(_fleet);
        var text = File.ReadAllText(_home.Dump).Replace("\"4000\"", "\"5000\"", StringComparison.Ordinal);
        File.WriteAllText(_home.Dump, text);
        Assert.Contains("its checksum does not fit. Was it edited? Without its last property", SavedFleet.ProblemOf(_home.Dump), StringComparison.Ordinal);

        File.WriteAllText(_home.Dump, text[..text.LastIndexOf(",\"checksum\"", StringComparison.Ordinal)] + "}\n");
        Assert.Null(SavedFleet.ProblemOf(_home.Dump));
        Assert.Contains(new("PORT", "5000"), Assert.Single(new SavedFleet(_home).Read().Apps).Spec.Launch.Environment.Items);
    }

    private static byte[] Spoilt(byte[] good, Random dice)
    {
        var bytes = good.ToArray();
        var (at, length) = (dice.Next(bytes.Length), dice.Next(1, 64));
        switch (dice.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << dice.Next(8));
                return bytes;
            case 1:
                return bytes[..at];
            case 2:
                return [.. bytes[..at], .. bytes[at..Math.Min(bytes.Length, at + length)], .. bytes[at..]];
            case 3:
                bytes.AsSpan(at, Math.Min(length, bytes.Length - at)).Clear();
                return bytes;
            case 4:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + length)..]];
            default:
                // A digit for a digit: what is good JSON all the same.
                var digits = Enumerable.Range(0, bytes.Length).Where(index => char.IsAsciiDigit((char)bytes[index])).ToList();
                bytes[digits[dice.Next(digits.Count)]] = (byte)('0' + dice.Next(10));
                return bytes;
        }
    }
}
