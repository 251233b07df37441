using Xunit;
using ZeroDown.Config;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

public sealed class UserOptionsTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public UserOptionsTests() => Be(0);

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("uid: web")]
    [InlineData("user: 33")]
    public void A_user_by_name_or_number_brings_its_group_its_groups_and_its_home(string line)
    {
        var launch = _workspace.App(line).Launch;
        Assert.Equal(new RunAs { Name = "web", UserId = 33, GroupId = 33, Groups = [33, 44] }, launch.RunAs);
        Assert.Contains(new EnvironmentVariable("HOME", "/var/www"), launch.Environment);
        Assert.Contains("HOME", launch.DeclaredVariables);
    }

    [Fact]
    public void A_group_wins_over_the_users_own_and_a_declared_home_over_the_accounts()
    {
        var launch = _workspace.App("uid: web", "gid: logs", "env: {HOME: /srv}").Launch;
        Assert.Equal(44u, launch.RunAs!.GroupId);
        Assert.Contains(new EnvironmentVariable("HOME", "/srv"), launch.Environment);
    }

    [Fact]
    public void Ourselves_is_nothing_to_change() => Assert.Null(_workspace.App("uid: root").Launch.RunAs);

    [Fact]
    public void Nobody_of_that_name_is_said_with_its_place()
    {
        Assert.Contains("there is no user 'ghost' on this machine", _workspace.Said("uid: ghost"), StringComparison.Ordinal);
        Assert.Contains("there is no group 'ghosts' on this machine", _workspace.Said("gid: ghosts"), StringComparison.Ordinal);
        Assert.Contains("needs 'gid' too", _workspace.Said("uid: 4711"), StringComparison.Ordinal);
        Assert.Equal(4711u, _workspace.App("uid: 4711", "gid: 44").Launch.RunAs!.UserId);
    }

    [Fact]
    public void Only_root_can_start_a_program_as_somebody_else()
    {
        Be(1000);
        Assert.Contains("ada cannot start a program as user web: only root can", _workspace.Said("uid: web"), StringComparison.Ordinal);
        Assert.Null(_workspace.App("uid: ada").Launch.RunAs);
    }

    private void Be(uint user) => _workspace.Context = _workspace.Context with
    {
        Accounts = new Accounts
        {
            OwnUser = user,
            OwnGroup = user,
            OwnName = user == 0 ? "root" : "ada",
            FindUser = name => name switch
            {
                "web" or "33" => new Account("web", 33, 33, "/var/www", [33, 44]),
                "root" => new Account("root", 0, 0, "/root", [0]),
                "ada" => new Account("ada", 1000, 1000, "/home/ada", [1000]),
                _ => null,
            },
            FindGroup = name => name switch { "logs" or "44" => 44, _ => null },
        },
    };
}
