using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class UserAccountTests
{
    [Fact]
    public void Root_is_found_by_name_and_by_number()
    {
        var root = UserAccount.Find("root")!;
        Assert.Equal((0u, 0u), (root.Uid, root.Gid));
        Assert.StartsWith("/", root.Home, StringComparison.Ordinal);
        Assert.Contains(0u, root.Groups);
        Assert.Equal("root", UserAccount.Find("0")!.Name);
    }

    [Fact]
    public void Every_account_of_the_file_is_what_the_file_says()
    {
        foreach (var line in File.ReadLines("/etc/passwd").Where(line => line.Count(c => c == ':') == 6))
        {
            var fields = line.Split(':');
            var found = UserAccount.Find(fields[0])!;
            Assert.Equal((fields[0], fields[2], fields[3], fields[5]), (found.Name, $"{found.Uid}", $"{found.Gid}", found.Home));
        }
    }

    [Fact]
    public void Who_is_not_there_is_null()
    {
        Assert.Null(UserAccount.Find("nobody-of-this-name"));
        Assert.Null(UserAccount.FindGroup("no-group-of-this-name"));
        Assert.Equal(4711u, UserAccount.FindGroup("4711"));
    }

    [Fact]
    public void A_group_is_found_by_its_name()
    {
        var line = File.ReadLines("/etc/group").First(line => line.Count(c => c == ':') == 3).Split(':');
        Assert.Equal(line[2], $"{UserAccount.FindGroup(line[0])}");
    }
}
