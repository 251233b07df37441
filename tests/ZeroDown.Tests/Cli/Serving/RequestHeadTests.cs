using System.Text;
using Xunit;
using ZeroDown.Cli.Serving;

namespace ZeroDown.Tests.Cli.Serving;

/// <summary>What a client says before it gets a file.</summary>
public sealed class RequestHeadTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1", false)]
    [InlineData("GET / HTTP/1.1\r\nConnection: close", true)]
    [InlineData("GET / HTTP/1.0", true)]
    [InlineData("GET / HTTP/1.0\r\nConnection: Keep-Alive", false)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 3", true)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 0", false)]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked", true)]
    public void It_says_whether_the_connection_goes_on(string head, bool isLast) => Assert.Equal(isLast, Parsed(head)!.IsLast);

    [Theory]
    [InlineData("")]
    [InlineData("GET /")]
    [InlineData("GET / HTTP/2.0")]
    [InlineData("GET  / HTTP/1.1")]
    [InlineData("GET / HTTP/1.1\r\nno colon")]
    [InlineData("GET / HTTP/1.1\r\n folded: x")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 3\r\ncontent-length: 4")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 3, 4")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: +3")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: -1")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length:")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked")]
    [InlineData("POST / HTTP/1.0\r\nTransfer-Encoding: chunked")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length : 3")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length\t: 3")]
    [InlineData("GET / HTTP/1.1\r\nX: a\r\n b")]
    [InlineData("GET / HTTP/1.1\r\nX: a\nContent-Length: 3")]
    [InlineData("GET / HTTP/1.1\r\nX: a\rContent-Length: 3")]
    [InlineData("GET / HTTP/1.1\r\nX: a\0b")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b")]
    [InlineData("G\tET / HTTP/1.1")]
    [InlineData("GET /\u0001 HTTP/1.1")]
    public void What_is_no_request_is_none(string head) => Assert.Null(Parsed(head));

    [Theory]
    [InlineData("bytes=0-", 0, 10)]
    [InlineData("bytes=2-4", 2, 3)]
    [InlineData("bytes=2-400", 2, 8)]
    [InlineData("bytes=-3", 7, 3)]
    [InlineData("bytes=-30", 0, 10)]
    [InlineData("bytes=10-", 10, 0)]
    [InlineData("bytes=-0", 0, 0)]
    [InlineData("bytes=0-99999999999999999999999", 0, 10)]
    [InlineData("bytes=3-9223372036854775808", 3, 7)]
    [InlineData("bytes=0-9223372036854775807", 0, 10)]
    [InlineData("bytes=-99999999999999999999999", 0, 10)]
    [InlineData("bytes=99999999999999999999999-", long.MaxValue, 0)]
    public void A_stretch_can_be_asked_for(string range, long from, long count) =>
        Assert.Equal((from, count), Parsed($"GET / HTTP/1.1\r\nRange: {range}")!.Range(10, "\"a\""));

    [Theory]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("bytes=4-2")]
    [InlineData("bytes=-")]
    [InlineData("bytes=x-y")]
    [InlineData("bytes=1x-")]
    [InlineData("bytes=0-y")]
    [InlineData("bytes=0-1-2")]
    [InlineData("bytes= 0-1")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=0-1\r\nIf-Range: \"b\"")]
    public void What_cannot_be_given_as_a_stretch_is_given_whole(string range) =>
        Assert.Null(Parsed($"GET / HTTP/1.1\r\nRange: {range}")!.Range(10, "\"a\""));

    [Fact]
    public void A_client_may_have_the_file_already()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Assert.True(Parsed("GET / HTTP/1.1\r\nIf-None-Match: \"b\", \"a\"")!.Knows("\"a\"", time));
        Assert.False(Parsed("GET / HTTP/1.1\r\nIf-None-Match: \"b\"\r\nIf-Modified-Since: " + time.ToString("R"))!.Knows("\"a\"", time));
        Assert.True(Parsed("GET / HTTP/1.1\r\nIf-Modified-Since: " + time.ToString("R"))!.Knows("\"a\"", time));
        Assert.False(Parsed("GET / HTTP/1.1\r\nIf-Modified-Since: " + time.AddSeconds(-1).ToString("R"))!.Knows("\"a\"", time));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nX: a\r\n", false)]
    [InlineData("GET / HTTP/1.1\r", false)]
    [InlineData("GET / HTTP/1.1\n", true)]
    [InlineData("GET / HTTP/1.1\r\n\n", true)]
    [InlineData("GET / HTTP/1.1\rX", true)]
    [InlineData("\n", true)]
    [InlineData("", false)]
    public void A_bare_line_break_is_told_at_once(string head, bool isBare) => Assert.Equal(isBare, RequestHead.HasBareBreak(Encoding.Latin1.GetBytes(head)));

    /// <summary>Whatever comes: no exception, and what is taken for a request is understood in one way only.</summary>
    [Fact]
    public void Spoilt_heads_are_refused_or_unambiguous()
    {
        const string good = "GET /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nRange: bytes=0-5\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nX-Y: z";
        string[] pieces = ["\r\n", "\n", "\r", ":", " ", "\t", "\0", "Content-Length: 3\r\n", "content-length:4", "Transfer-Encoding: x\r\n", "bytes=", "-", "99999999999999999999", "HTTP/1.0", "é"];
        for (var seed = 0; seed < 50_000; seed++)
        {
            var dice = new Random(seed);
            var text = new StringBuilder(good);
            for (var change = dice.Next(1, 6); change > 0; change--)
            {
                var at = dice.Next(text.Length + 1);
                if (dice.Next(3) == 0)
                    text.Remove(at, Math.Min(dice.Next(1, 40), text.Length - at));
                else
                    text.Insert(at, pieces[dice.Next(pieces.Length)]);
            }

            if (Parsed(text.ToString()) is not { } head)
                continue;
            Assert.False(head.Headers.ContainsKey("content-length") && head.Headers.ContainsKey("transfer-encoding"), $"seed {seed}");
            Assert.True(head.Headers.GetValueOrDefault("content-length", "0").All(char.IsAsciiDigit), $"seed {seed}");
            if (head.Range(10, "a") is var (from, count))
                Assert.True(count == 0 || (from >= 0 && count > 0 && from + count <= 10), $"seed {seed}");
        }
    }

    private static RequestHead? Parsed(string head) => RequestHead.Parse(Encoding.Latin1.GetBytes(head));
}
