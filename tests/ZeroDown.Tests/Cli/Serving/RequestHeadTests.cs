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
    public void What_is_no_request_is_none(string head) => Assert.Null(Parsed(head));

    [Theory]
    [InlineData("bytes=0-", 0, 10)]
    [InlineData("bytes=2-4", 2, 3)]
    [InlineData("bytes=2-400", 2, 8)]
    [InlineData("bytes=-3", 7, 3)]
    [InlineData("bytes=-30", 0, 10)]
    [InlineData("bytes=10-", 10, 0)]
    [InlineData("bytes=-0", 0, 0)]
    public void A_stretch_can_be_asked_for(string range, long from, long count) =>
        Assert.Equal((from, count), Parsed($"GET / HTTP/1.1\r\nRange: {range}")!.Range(10, "\"a\""));

    [Theory]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("bytes=4-2")]
    [InlineData("bytes=-")]
    [InlineData("bytes=x-y")]
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

    private static RequestHead? Parsed(string head) => RequestHead.Parse(Encoding.Latin1.GetBytes(head));
}
