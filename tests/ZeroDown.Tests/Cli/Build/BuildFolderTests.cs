using Xunit;
using ZeroDown.Cli.Build;

namespace ZeroDown.Tests.Cli.Build;

public sealed class BuildFolderTests : IDisposable
{
    private readonly TempFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void The_same_content_is_the_same_folder_and_other_content_is_another()
    {
        var folder = new BuildFolder(_home.Path, "/src/web.csproj");

        var first = folder.Keep(Staged(folder, "one"));
        var again = folder.Keep(Staged(folder, "one"));
        var other = folder.Keep(Staged(folder, "two"));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal("one", File.ReadAllText(Path.Combine(first, "web.dll")));
    }

    [Fact]
    public void Projects_of_one_name_in_two_places_have_folders_of_their_own() =>
        Assert.NotEqual(new BuildFolder(_home.Path, "/a/web.csproj").Intermediate, new BuildFolder(_home.Path, "/b/web.csproj").Intermediate);

    [Fact]
    public void Old_builds_go_but_for_the_newest_three_and_those_in_use()
    {
        var folder = new BuildFolder(_home.Path, "/src/web.csproj");
        var builds = Enumerable.Range(0, 6).Select(n => folder.Keep(Staged(folder, $"{n}"))).ToList();
        for (var n = 0; n < builds.Count; n++)
            Directory.SetLastWriteTimeUtc(builds[n], DateTime.UtcNow.AddHours(n - 10));

        folder.Prune(builds[5], inUse: [builds[0] + "/web"]);

        Assert.Equal([true, false, false, true, true, true], builds.Select(Directory.Exists));
    }

    [Fact]
    public void A_build_of_a_moment_ago_stays_because_its_command_may_not_have_started_it_yet()
    {
        var folder = new BuildFolder(_home.Path, "/src/web.csproj");
        var builds = Enumerable.Range(0, 6).Select(n => folder.Keep(Staged(folder, $"{n}"))).ToList();

        folder.Prune(builds[5], inUse: []);

        Assert.All(builds, b => Assert.True(Directory.Exists(b)));
    }

    [Fact]
    public void What_a_killed_command_left_half_written_goes()
    {
        var folder = new BuildFolder(_home.Path, "/src/web.csproj");
        var staged = Staged(folder, "half");

        folder.Prune(folder.Keep(Staged(folder, "whole")), inUse: []);

        Assert.False(Directory.Exists(staged));
    }

    [Fact]
    public async Task A_second_command_waits_for_the_first()
    {
        var folder = new BuildFolder(_home.Path, "/src/web.csproj");
        var first = await folder.LockAsync(() => Assert.Fail("nobody holds it"), TestContext.Current.CancellationToken);
        using var waits = new ManualResetEventSlim();

        var second = folder.LockAsync(waits.Set, TestContext.Current.CancellationToken);
        Eventually.Signalled(waits.WaitHandle, "the second command says that it waits");
        Assert.False(second.IsCompleted);
        first.Dispose();

        (await second).Dispose();
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        var folder = new BuildFolder(_home.Path, "/src/web.csproj");
        using var first = await folder.LockAsync(() => { }, TestContext.Current.CancellationToken);
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => folder.LockAsync(cancel.Cancel, cancel.Token));
    }

    private static string Staged(BuildFolder folder, string content)
    {
        var staged = folder.Stage();
        Directory.CreateDirectory(staged);
        File.WriteAllText(Path.Combine(staged, "web.dll"), content);
        return staged;
    }
}
