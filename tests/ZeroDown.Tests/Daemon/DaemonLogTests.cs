using Xunit;
using ZeroDown.Daemon;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Daemon;

/// <summary>Issue 10, B12: a worker forged lines and escape sequences in <c>zd.log</c>.</summary>
public sealed class DaemonLogTests
{
    private const string Forged = "ok\n2026-12-01T00:00:00.000: ZD INF: forged\r\u001b[2J\u001b]0;owned\u0007\u009b1m\u202egnp.\u2028end ü";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_worker_says_cannot_be_a_line_of_its_own_nor_speak_to_a_terminal(bool json)
    {
        using var folder = new TempFolder();
        List<string> followed = [];
        using (var log = DaemonLog.Open(folder["zd.log"], json))
        {
            log.Followers = followed.Add;
            log.WatchFailed(Forged, Forged);
            log.WorkerLine(Forged);
            log.ChannelMisused(Forged, Forged);
            log.PidFileFailed(Forged, Forged);
        }

        var text = File.ReadAllText(folder["zd.log"]);
        Assert.Equal(4, text.TrimEnd('\n').Split('\n').Length);
        Assert.DoesNotContain(text.Replace("\n", "", StringComparison.Ordinal), letter => char.IsControl(letter) || letter is '\u202e' or '\u2028');
        Assert.All(followed, line => Assert.DoesNotContain(line, char.IsControl));
        Assert.Contains("ü", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_text_stays_as_it_is()
    {
        const string plain = "App [web:0] starting in -cluster mode- äöü 世界 😀 …";
        Assert.Equal(plain, OneLine.Of(plain));
        Assert.Equal(new string('a', 2000), OneLine.Of(new string('a', 2000)));
        Assert.Equal(new string('a', 2000) + "…", OneLine.Of(new string('a', 200_000)));
    }
}
