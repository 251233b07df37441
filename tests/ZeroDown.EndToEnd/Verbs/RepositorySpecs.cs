using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

/// <summary><c>zd pull</c>, <c>backward</c>, <c>forward</c>: git in the app's folder, its post_update, and a reload that fails closed.</summary>
public sealed class RepositorySpecs : EndToEndTest
{
    private readonly string _work;

    public RepositorySpecs()
    {
        _work = Path.Combine(Zd.Folder, "work");
        Zd.Write("author/run.sh", "#!/bin/sh\necho version one; exec sleep 1000\n", executable: true);
        Git("author", "init", "-q", "-b", "main");
        Commit("one");
        Git("author", "clone", "-q", ".", _work);
    }

    [Fact]
    public async Task The_files_move_and_the_app_is_rolled_to_them()
    {
        await Start("post_update: [\"cat run.sh > ../seen\", \"echo did it\"]");
        (await Zd.Run("pull", "job")).Succeeded().Says("stays at");
        Release("two");
        Release("three");
        (await Zd.Run("pull", "job")).Succeeded().Says("is at", "did it", "reloaded");
        Assert.Contains("version three", File.ReadAllText(Path.Combine(Zd.Folder, "seen")), StringComparison.Ordinal);
        await EventuallyRuns("three", restarts: 1);
        (await Zd.Run("backward", "job")).Succeeded();
        await EventuallyRuns("two", restarts: 2);
        (await Zd.Run("forward", "job")).Succeeded();
        await EventuallyRuns("three", restarts: 3);
        (await Zd.Run("forward", "job")).Succeeded().Says("stays at");
        (await Zd.Run("pull", "job", "HEAD~2")).Succeeded();
        await EventuallyRuns("one", restarts: 4);
        (await Zd.Run("backward", "job")).Exited(1).Says("first commit");
    }

    [Fact]
    public async Task A_version_that_does_not_start_leaves_the_old_workers()
    {
        // One that must listen: a script that ends late would count as online, because it lived for a moment.
        Zd.Write("author/run.sh", $"#!/bin/sh\nexec {Programs.TestWorker} serve\n", executable: true);
        Commit("listens");
        Git("work", "pull", "-q");
        await Start($"listen: 127.0.0.1:{Port}");
        Zd.Write("author/run.sh", "#!/bin/sh\necho broken >&2; exit 3\n", executable: true);
        Commit("broken");
        var before = (await Zd.List()).Single().Pid;
        (await Zd.Run("pull", "job")).Exited(7).Says("broken", "zd backward");
        Assert.Equal((before, "online"), (await Zd.List()).Select(row => (row.Pid, row.Status)).Single());
    }

    [Fact]
    public async Task A_post_update_that_fails_ends_it_before_the_reload()
    {
        await Start("post_update: [\"exit 4\"]");
        Release("two");
        (await Zd.Run("pull", "job")).Exited(1).Says("exit code 4", "nothing was reloaded");
        Assert.Equal(0, (await Zd.List()).Single().Restarts);
    }

    [Fact]
    public async Task Uncommitted_changes_are_never_overwritten_and_a_folder_without_git_is_said()
    {
        await Start("");
        Release("two");
        File.AppendAllText(Path.Combine(_work, "run.sh"), "# mine\n");
        (await Zd.Run("pull", "job")).Exited(1).Says("git pull --ff-only failed", "nothing was reloaded");
        Assert.EndsWith("# mine\n", File.ReadAllText(Path.Combine(_work, "run.sh")), StringComparison.Ordinal);
        Directory.Move(Path.Combine(_work, ".git"), Path.Combine(Zd.Folder, "moved.git"));
        (await Zd.Run("backward", "job")).Exited(1).Says("in no git working tree").HasNoStackTrace();
        (await Zd.Run("pull", "nobody")).Exited(1);
    }

    [Fact]
    public async Task Root_runs_git_its_hooks_and_post_update_as_the_owner_of_the_folder()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can become somebody else");
        // The test's folder is closed to others, as root's is.
        var open = Directory.CreateTempSubdirectory("zdwork-").FullName;
        try
        {
            Git("author", "clone", "-q", "--bare", ".", Path.Combine(open, "origin"));
            Git("author", "clone", "-q", Path.Combine(open, "origin"), Path.Combine(open, "work"));
            File.WriteAllText(Path.Combine(open, "work/.git/hooks/post-merge"), $"#!/bin/sh\nid -un > {open}/work/hook\n");
            Assert.Equal(0, Tool.Run("chmod", "+x", Path.Combine(open, "work/.git/hooks/post-merge")));
            Assert.Equal(0, Tool.Run("chown", "-R", "nobody", open));
            (await Zd.Run("start", Zd.Write("eco.yaml", App("job", "run.sh", $"cwd: {open}/work\nuid: nobody\npost_update: [\"id -un > updated\", \"echo $SECRET > secret\"]")))).Succeeded();
            Release("two");
            Assert.Equal(0, Tool.Run("chown", "-R", "root", Path.Combine(open, "origin"))); // git asks for that, too
            Git("author", "push", "-q", Path.Combine(open, "origin"), "main");
            Assert.Equal(0, Tool.Run("chown", "-R", "nobody", open));
            Zd.Environment["SECRET"] = "of root";

            (await Zd.Run("pull", "job")).Succeeded().Says("is at", "reloaded");

            Assert.Equal("nobody\n", File.ReadAllText(Path.Combine(open, "work/hook")));
            Assert.Equal("nobody\n", File.ReadAllText(Path.Combine(open, "work/updated")));
            Assert.Equal("\n", File.ReadAllText(Path.Combine(open, "work/secret")));
        }
        finally
        {
            Tool.Run("rm", "-rf", open);
        }
    }

    private async Task Start(string options) =>
        (await Zd.Run("start", Zd.Write("eco.yaml", App("job", "run.sh", $"cwd: {_work}\n{options}")))).Succeeded();

    private async Task EventuallyRuns(string version, int restarts)
    {
        Assert.Contains($"version {version}", File.ReadAllText(Path.Combine(_work, "run.sh")), StringComparison.Ordinal);
        Assert.Equal((restarts, "online"), (await Zd.List()).Select(row => (row.Restarts, row.Status)).Single());
        await Eventually.Holds(
            async () => (await Zd.Run("logs", "job", "--nostream", "--raw", "--lines", "1")).Out.Contains($"version {version}", StringComparison.Ordinal),
            $"the worker of version {version} speaks", Zd.Evidence);
    }

    private void Release(string version)
    {
        Zd.Write("author/run.sh", $"#!/bin/sh\necho version {version}; exec sleep 1000\n", executable: true);
        Commit(version);
    }

    private void Commit(string message)
    {
        Git("author", "add", "-A");
        Git("author", "-c", "user.name=ada", "-c", "user.email=ada@example", "commit", "-q", "-m", message);
    }

    private void Git(string folder, params string[] words)
    {
        using var git = Process.Start(new ProcessStartInfo("git", words) { WorkingDirectory = Path.Combine(Zd.Folder, folder) })!;
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
