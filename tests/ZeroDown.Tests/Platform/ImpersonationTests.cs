using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

[UnsupportedOSPlatform("windows")]
public sealed class ImpersonationTests
{
    private static readonly FileUser Somebody = new(54321, 54322, [54323]);

    [Fact]
    public void A_file_that_is_made_belongs_to_the_user_and_our_own_rights_are_back()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        using var folder = new TempFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1FF);
        var path = folder["his"];

        Impersonation.Run(Somebody, () => File.WriteAllText(path, "his"));
        File.WriteAllText(folder["ours"], "ours");

        Assert.Equal(54321, FileOwner.UidOf(path));
        Assert.Equal(0, FileOwner.UidOf(folder["ours"]));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("hard link")]
    [InlineData("name")]
    public void What_only_root_may_write_stays_as_it_is(string way)
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        using var folder = new TempFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1FF);
        var canary = folder["canary"];
        File.WriteAllText(canary, "root's");
        File.SetUnixFileMode(canary, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var path = folder[way];
        if (way == "link")
            File.CreateSymbolicLink(path, canary);
        else if (way == "hard link")
            Assert.Equal(0, Tool.Run("ln", canary, path).ExitCode);
        else
            path = canary;

        Assert.Throws<UnauthorizedAccessException>(() => Impersonation.Run(Somebody, () => File.WriteAllText(path, "his")));

        Assert.Equal("root's", File.ReadAllText(canary));
    }

    [Fact]
    public void The_groups_count_and_root_s_own_groups_do_not()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        using var folder = new TempFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1ED);
        var group = folder["group"];
        File.WriteAllText(group, "readable by a group");
        Assert.Equal(0, Tool.Run("chown", "0:54323", group).ExitCode);
        File.SetUnixFileMode(group, (UnixFileMode)0x1A0);
        var roots = folder["roots"];
        File.WriteAllText(roots, "readable by root's group");
        File.SetUnixFileMode(roots, (UnixFileMode)0x1A0);

        Assert.Equal("readable by a group", Impersonation.Run(Somebody, () => File.ReadAllText(group)));
        Assert.Throws<UnauthorizedAccessException>(() => Impersonation.Run(Somebody, () => File.ReadAllText(roots)));
        Assert.Equal("readable by root's group", File.ReadAllText(roots));
    }

    [Fact]
    public async Task Other_threads_keep_their_rights_meanwhile()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        using var folder = new TempFolder();
        File.WriteAllText(folder["secret"], "root's");
        File.SetUnixFileMode(folder["secret"], UnixFileMode.UserRead);
        using var inside = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        var other = Task.Factory.StartNew(
            () =>
            {
                inside.Wait();
                var text = File.ReadAllText(folder["secret"]);
                done.Set();
                return text;
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Impersonation.Run(Somebody, () =>
        {
            inside.Set();
            done.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        });

        Assert.Equal("root's", await other);
    }
}
