using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace ZeroDown.Config;

/// <summary>A command line of tsx or ts-node that runs one file, which node can run with their loader. All others (<c>tsx watch</c>, <c>-e</c>) stay what they are.</summary>
internal sealed partial class RunnerCommand
{
    private static readonly ImmutableArray<string> WithValue = ["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--env-file"];
    private static readonly ImmutableArray<string> OfTsxItself =
        ["--tsconfig", "--no-cache", "--clear-screen", "--include", "--exclude", "--ignore", "-e", "--eval", "-p", "--print", "-pe", "-i", "--interactive", "--test", "--watch", "-h", "--help", "-v", "--version"];

    private readonly List<string> _kept = [];
    private bool _transpilesOnly;
    private bool _loadsFiles;
    private bool _isModule;

    private RunnerCommand()
    {
    }

    /// <summary>So many words stood before the file and are said by the loader now.</summary>
    public int Taken { get; private set; }

    /// <param name="package">tsx or ts-node.</param>
    /// <param name="tool">The command's name.</param>
    /// <param name="before">Arguments that stand before all others and stay there.</param>
    /// <param name="words">Options, the file and its arguments.</param>
    /// <param name="cwd">Where the file's path starts.</param>
    /// <param name="command">The command.</param>
    /// <returns>False when it does not run one file, or has options that node does not know.</returns>
    public static bool TryRead(string package, string tool, ImmutableArray<string> before, ImmutableArray<string> words, string cwd, [NotNullWhen(true)] out RunnerCommand? command)
    {
        command = null;
        var read = new RunnerCommand { _transpilesOnly = tool == "ts-node-transpile-only", _isModule = tool == "ts-node-esm" };
        var isTsx = package == "tsx";
        for (var index = 0; index < before.Length; index++)
        {
            if (!Skips(before, ref index, isTsx))
                return false;
        }

        var at = 0;
        for (; at < words.Length && words[at].StartsWith('-'); at++)
        {
            var start = at;
            if (!isTsx && read.TakesOwn(words[at]))
                continue;
            if (!Skips(words, ref at, isTsx))
                return false;
            read._kept.AddRange(words[start..Math.Min(at + 1, words.Length)]);
        }

        if (at >= words.Length || (isTsx && words[at] == "watch") || Path.GetFullPath(words[at], cwd) is var file && !File.Exists(file))
            return false;
        // Of tsx all options are node's and stay where they are.
        read.Taken = isTsx ? 0 : at;
        if (isTsx)
            read._kept.Clear();
        else if (!read.FindsTheSameConfiguration(file, cwd))
            return false;
        command = read;
        return true;
    }

    /// <summary>What node is given to run the file; null when the package does not have it.</summary>
    public IEnumerable<string>? Loaded(NodePackage? package)
    {
        if (package is null)
            return null;
        if (package.Name == "tsx")
            return package.ImportEntry is { } entry ? ["--import", Url(entry)] : null;
        var file = Path.Combine(package.Folder, _isModule ? "esm.mjs" : _transpilesOnly ? "register/transpile-only.js" : _loadsFiles ? "register/files.js" : "register/index.js");
        if (!File.Exists(file))
            return null;
        return [.. _isModule ? new[] { "--loader", Url(file) } : ["-r", file], .. _kept];
    }

    private static string Url(string path) => "file://" + string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    /// <summary>An option of node's; its value too.</summary>
    private static bool Skips(ImmutableArray<string> words, ref int at, bool isTsx)
    {
        var name = words[at].Split('=')[0];
        if (!words[at].StartsWith('-') || words[at] == "--" || (isTsx && OfTsxItself.Contains(name)))
            return false;
        if (!isTsx && name is not ("-r" or "--require"))
            return false;
        if (WithValue.Contains(words[at]))
            at++;
        return true;
    }

    private bool TakesOwn(string option)
    {
        switch (option)
        {
            case "-T" or "--transpileOnly" or "--transpile-only":
                return _transpilesOnly = true;
            case "--files":
                return _loadsFiles = true;
            case "--esm":
                return _isModule = true;
            default:
                return false;
        }
    }

    /// <summary>ts-node looks for tsconfig.json from the script's folder, its loader from the working directory.</summary>
    private bool FindsTheSameConfiguration(string file, string cwd)
    {
        var configuration = Configuration(Path.GetDirectoryName(file)!);
        if (configuration != Configuration(cwd))
            return false;
        try
        {
            _isModule |= configuration is not null && ModuleSwitch().IsMatch(File.ReadAllText(configuration));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ts-node says it.
        }

        return !(_isModule && (_transpilesOnly || _loadsFiles));
    }

    private static string? Configuration(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.Combine(folder, "tsconfig.json") is var file && File.Exists(file))
                return file;
        }

        return null;
    }

    [GeneratedRegex("\"esm\"\\s*:\\s*true")]
    private static partial Regex ModuleSwitch();
}
