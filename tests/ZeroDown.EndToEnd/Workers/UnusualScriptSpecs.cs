using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>Scripts that are no file with a telling ending, and files that the kernel cannot execute.</summary>
public sealed class UnusualScriptSpecs : EndToEndTest
{
    [Fact]
    public async Task What_the_kernel_cannot_execute_is_said_at_the_first_try_and_not_tried_again()
    {
        Zd.Write("tool.bin", "no program\n", executable: true);
        (await Zd.Run("start", "./tool.bin")).Exited(1).HasNoStackTrace().Says("ENOEXEC", "add a first line such as #!/bin/sh, or set 'interpreter'");
        var worker = Assert.Single(await Zd.List());
        Assert.Equal(("errored", 0), (worker.Status, worker.Restarts));

        Zd.Write("tool.bin", "#!/bin/sh\nexec sleep 1000\n", executable: true);
        (await Zd.Run("restart", "tool")).Succeeded();
        Assert.Equal("online", Assert.Single(await Zd.List()).Status);
    }

    [Fact]
    public async Task A_folder_is_started_by_a_dot_and_known_by_it()
    {
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "node"))), "this machine has no node");
        var folder = Path.GetDirectoryName(Zd.Write("shop/package.json", """{"main": "lib"}"""))!;
        Zd.Write("shop/lib/index.js", "setInterval(() => {}, 1e6)");
        (await Zd.RunIn(folder, "start", ".")).Succeeded();
        var first = Assert.Single(await Zd.List());
        Assert.Equal(("shop", "online"), (first.Name, first.Status));

        (await Zd.RunIn(folder, "restart", ".")).Succeeded();
        (await Zd.RunIn(Zd.Folder, "restart", "./shop")).Succeeded();
        Assert.NotEqual(first.Pid, Assert.Single(await Zd.List()).Pid);
        (await Zd.RunIn(folder, "delete", ".")).Succeeded();
        Assert.Empty(await Zd.List());
    }
}
