using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Xunit;
using ZeroDown.AspNetCore;

namespace ZeroDown.Tests.AspNetCore;

public sealed class InheritedSocketsTests
{
    /// <summary>The addresses of fd 3, 4, …; then what the program binds, in its order; then what becomes of each.</summary>
    public static TheoryData<string, string, string> Stories => new()
    {
        { "127.0.0.1:4000", "127.0.0.1:4000", "3" },
        { "127.0.0.1:4000", "[::]:4000", "3" },
        { "127.0.0.1:4000", "127.0.0.1:5000", "3" }, // by order
        { "127.0.0.1:4000", "127.0.0.1:5000 [::1]:5000", "3 silent" }, // localhost
        { "127.0.0.1:4000", "127.0.0.1:4000 [::1]:4000", "3 silent" },
        { "127.0.0.1:4000 [::1]:4000", "127.0.0.1:4000 [::1]:4000", "3 4" },
        { "[::1]:4000 127.0.0.1:4000", "127.0.0.1:4000 [::1]:4000", "4 3" },
        { "127.0.0.1:80 127.0.0.1:443", "[::]:443 [::]:80", "4 3" },
        { "127.0.0.1:80 127.0.0.1:443", "127.0.0.1:5000 127.0.0.1:5001", "3 4" },
        { "127.0.0.1:4000", "127.0.0.1:5000 127.0.0.1:5001", "3 own" },
        { "127.0.0.1:4000", "127.0.0.1:4000 127.0.0.1:9000", "3 own" },
        { "127.0.0.1:4000", "127.0.0.1:9000 127.0.0.1:4000", "gave-back 3" },
        { "127.0.0.1:4000", "127.0.0.1:0", "3" },
        { "127.0.0.1:4000 127.0.0.1:4001", "127.0.0.1:0 127.0.0.1:0", "3 4" },
        { "/run/a", "/run/a", "3" },
        { "/run/a", "127.0.0.1:5000 [::1]:5000", "3 silent" },
        { "127.0.0.1:4000 /run/a", "/run/a 127.0.0.1:4000", "4 3" },
        { "127.0.0.1:4000", "fd:3", "3" },
        { "127.0.0.1:4000", "fd:3 127.0.0.1:4000", "3 silent" },
        { "127.0.0.1:4000", "127.0.0.1:4000 fd:3", "3 silent" },
        { "127.0.0.1:4000", "127.0.0.1:5000 fd:3", "gave-back 3" },
        { "127.0.0.1:4000", "fd:9", "own" },
        { "", "127.0.0.1:5000 [::1]:5000", "own own" },
    };

    [Theory]
    [MemberData(nameof(Stories))]
    public void Each_endpoint_gets_the_socket_that_is_meant_for_it(string passed, string bound, string expected)
    {
        var sockets = new InheritedSockets<User>(Split(passed).Select((text, n) => new InheritedSocket(3 + n, Parse(text))));
        var users = new List<User>();
        foreach (var text in Split(bound))
        {
            var user = new User();
            users.Add(user);
            var (fate, socket, displaced) = sockets.Claim(Parse(text), user);
            user.Fate = fate switch
            {
                EndpointFate.Inherits => $"{socket!.Descriptor}",
                EndpointFate.Silent => "silent",
                _ => "own",
            };
            if (displaced is not null)
            {
                displaced.Fate = "gave-back";
            }
        }

        Assert.Equal(expected, string.Join(' ', users.Select(user => user.Fate)));
    }

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static EndPoint Parse(string text) => text[0] == '/' ? new UnixDomainSocketEndPoint(text)
        : text.StartsWith("fd:", StringComparison.Ordinal) ? new FileHandleEndPoint(ulong.Parse(text[3..], null), FileHandleType.Tcp)
        : IPEndPoint.Parse(text);

    private sealed class User
    {
        public string Fate { get; set; } = "";
    }
}
