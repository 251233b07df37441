using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>
/// One <c>ZD_HOME</c> of its own in a temporary folder, with the files that a test writes beside it, and the real <c>zd</c> run in it.
/// At the end everything is killed through <c>zd kill</c>, and it is an error when a process of this home is left.
/// </summary>
public sealed class ZdHome : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<string> _history = [];
    private readonly Stack<string> _mounts = new();

    public ZdHome()
    {
        // Short: unix socket paths end at 107 bytes.
        Folder = Directory.CreateTempSubdirectory("zde2e-").FullName;
        Home = Path.Combine(Folder, "home");
    }

    /// <summary>Where commands run and ecosystem files lie.</summary>
    public string Folder { get; }

    public string Home { get; }

    /// <summary>The zd that commands run.</summary>
    public string Binary { get; set; } = Programs.Zd;

    /// <summary>Variables that every command sees beside the test's own.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    /// <summary>Runs a command to its end.</summary>
    public Task<ZdResult> Run(params string[] arguments) => RunWithInput(null, arguments);

    /// <summary>The same, in another folder.</summary>
    public Task<ZdResult> RunIn(string folder, params string[] arguments) => Finish(Begin(null, arguments, folder));

    public Task<ZdResult> RunWithInput(string? input, params string[] arguments) => Finish(Begin(input, arguments));

    private async Task<ZdResult> Finish(ZdCommand begun)
    {
        using var command = begun;
        var result = await command.Finished(Patience);
        lock (_history)
            _history.Add(result.ToString());
        return result;
    }

    /// <summary>Starts a command and lets it run.</summary>
    public ZdCommand Begin(params string[] arguments) => Begin(null, arguments);

    /// <summary>Writes a file into <see cref="Folder"/> and returns its path.</summary>
    public string Write(string name, string text, bool executable = false)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (executable)
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Changes a state or a saved list, as an editor would that also takes the checksum out.</summary>
    public static void Edit(string path, Func<string, string> change) =>
        File.WriteAllText(path, Regex.Replace(change(File.ReadAllText(path)), ",\"checksum\":\"[0-9a-f]{32}\"}$", "}"));

    /// <summary>The rows of <c>zd jlist</c>; fails unless stdout is JSON and nothing else.</summary>
    public async Task<IReadOnlyList<ListedWorker>> List()
    {
        var result = (await Run("jlist")).Succeeded();
        using var json = JsonDocument.Parse(result.Out);
        return [.. json.RootElement.EnumerateArray().Select(ListedWorker.From)];
    }

    /// <summary>Lists until the condition holds; the last list is in the message when it never does.</summary>
    public async Task<IReadOnlyList<ListedWorker>> ListUntil(Func<IReadOnlyList<ListedWorker>, bool> condition, string expectation)
    {
        IReadOnlyList<ListedWorker> workers = [];
        await Eventually.Holds(async () => condition(workers = await List()), expectation, () => string.Join('\n', workers));
        return workers;
    }

    /// <summary>Everything that explains a failure: the commands with their output, the daemon's, keeper's and workers' logs.</summary>
    public string Evidence()
    {
        var text = new StringBuilder();
        lock (_history)
            text.AppendJoin('\n', _history);
        if (Directory.Exists(Home))
        {
            foreach (var log in Directory.EnumerateFiles(Home, "*.log", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var lines = File.ReadLines(log).TakeLast(80).ToList();
                text.Append($"\n=== {Path.GetRelativePath(Home, log)} (last {lines.Count} lines)\n").AppendJoin('\n', lines);
            }
        }

        return text.Append("\n=== processes\n").AppendJoin('\n', ProcessTable.OfHome(Home)).ToString();
    }

    /// <summary>Ends everything and fails when something is left.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (ProcessTable.OfHome(Home).Count > 0)
            {
                await Run("kill");
            }

            await Eventually.Holds(
                () => Task.FromResult(ProcessTable.OfHome(Home).Count == 0),
                "no process of this home is left after 'zd kill'",
                Evidence);
        }
        finally
        {
            ProcessTable.OfHome(Home).ToList().ForEach(left => left.Kill());
            while (_mounts.TryPop(out var mount))
                Tool.Run("umount", "--lazy", mount);
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>Makes the home a small disk of its own. Skips the test where we may not.</summary>
    public void MountHome(string size)
    {
        Directory.CreateDirectory(Home);
        Assert.SkipUnless(Tool.Run("mount", "-t", "tmpfs", "-o", $"size={size},mode=700", "tmpfs", Home) == 0, "nothing may be mounted here");
        _mounts.Push(Home);
    }

    /// <summary>
    /// From now on nothing can be made in the home: a read-only view of it lies over it. What is open already can still be written, as after an error of a disk. Skips the test
    /// where we may not mount.
    /// </summary>
    public void MakeHomeReadOnly()
    {
        var view = Path.Combine(Folder, "view");
        Directory.CreateDirectory(view);
        Assert.SkipUnless(Tool.Run("mount", "--bind", Home, view) == 0, "nothing may be mounted here");
        _mounts.Push(view);
        Assert.Equal(0, Tool.Run("mount", "-o", "remount,bind,ro", view));
        Assert.Equal(0, Tool.Run("mount", "--bind", view, Home));
        _mounts.Push(Home);
    }

    /// <summary>Takes the view away again.</summary>
    public void MakeHomeWritable() => Assert.Equal(0, Tool.Run("umount", "--lazy", _mounts.Pop()));

    /// <summary>Starts a command that another program starts: <c>unshare</c>, <c>sh -c</c>, <c>prlimit</c>.</summary>
    /// <param name="outer">The program and its own arguments.</param>
    /// <param name="arguments">Of zd.</param>
    public ZdCommand BeginUnder(string[] outer, params string[] arguments) => Begin(null, arguments, outer: outer);

    private ZdCommand Begin(string? input, string[] arguments, string? folder = null, string[]? outer = null)
    {
        string[] words = [.. outer ?? [], Binary, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = folder ?? Folder };
        start.Environment["ZD_HOME"] = Home;
        start.Environment["NO_COLOR"] = "1";
        // The test runner's own settings are nothing that a user's shell would have.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("DOTNET_", StringComparison.Ordinal) && name != "DOTNET_ROOT"
            || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return new ZdCommand(start, string.Join(' ', arguments), input);
    }
}
