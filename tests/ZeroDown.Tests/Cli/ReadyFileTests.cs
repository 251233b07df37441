using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Cli.Foreground;
using ZeroDown.Platform;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Cli;

/// <summary>Issue 10, B5: <c>--ready-file</c> in a folder where somebody else may lay links.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReadyFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("0")]
    [InlineData("54321")]
    public void No_link_that_lies_there_is_followed(string owner)
    {
        Assert.SkipUnless(CurrentUser.IsRoot, "only root can give a folder away");
        File.WriteAllText(_folder["canary"], "of root");
        Directory.CreateDirectory(_folder["run"]);
        File.CreateSymbolicLink(_folder["run/ready.next"], _folder["canary"]);
        File.CreateSymbolicLink(_folder["run/ready"], _folder["canary"]);
        Assert.Equal(0, Tool.Run("chmod", "711", _folder.Path).ExitCode);
        Assert.Equal(0, Tool.Run("chown", "-hR", owner, _folder["run"]).ExitCode);
        var file = new ReadyFile(_folder["run/ready"]);

        file.Clear();
        Assert.Null(file.Write("now\n"));
        Assert.Equal("now\n", File.ReadAllText(_folder["run/ready"]));
        Assert.Equal(int.Parse(owner, System.Globalization.CultureInfo.InvariantCulture), FileOwner.UidOf(_folder["run/ready"]));
        file.Remove();

        Assert.Empty(Directory.GetFileSystemEntries(_folder["run"]));
        Assert.Equal("of root", File.ReadAllText(_folder["canary"]));
    }
}
