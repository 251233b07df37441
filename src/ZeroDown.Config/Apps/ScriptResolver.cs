using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>
/// From what the user named as script to what is executed. The aim is always that the last program in the chain keeps the
/// pid and the inherited sockets, so a shell stands between only where the line cannot do without one.
/// </summary>
internal sealed class ScriptResolver(string folder, string cwd, IReadOnlyDictionary<string, string> environment, Problems problems)
{
    /// <summary>pm2's prefix for a version that nvm has.</summary>
    private const string NodeVersion = "node@";

    private readonly SearchPath _path = new(environment, cwd);

    /// <summary>Null after a problem was noted.</summary>
    /// <param name="script">As it was named.</param>
    /// <param name="interpreter">As it was named.</param>
    /// <param name="interpreterArguments">The interpreter's own.</param>
    /// <param name="arguments">The script's own.</param>
    public ResolvedScript? Resolve(Setting<string> script, Setting<string>? interpreter, ImmutableArray<string> interpreterArguments, ImmutableArray<string> arguments) =>
        Resolve(script, interpreter) is { } found
            ? new NodeWrappers(cwd, OnPath, problems).Replaced(found, interpreterArguments, arguments, interpreter?.Place ?? script.Place)
            : null;

    private ResolvedScript? Resolve(Setting<string> script, Setting<string>? interpreter)
    {
        var named = script.Value.Trim();
        if (FindFile(named) is { } file)
        {
            if (interpreter is not { } explicitly)
                return Interpreters.IsBuilt(file) ? new(file, "dotnet", "dotnet") { Project = file } : ByEnding(file, script.Place);
            return explicitly.Value == "none" ? Executed(file, script.Place) : Interpreted(file, explicitly);
        }

        if (named.Any(char.IsWhiteSpace))
            return CommandLine(named, script.Place, interpreter);
        if (!named.Contains('/'))
        {
            if (OnPath(named) is { } program)
                return interpreter is { Value: not "none" } over ? Interpreted(program, over) : Direct(named, program);
            if (Path.GetExtension(named).Length == 0 && !Directory.Exists(Path.GetFullPath(named, cwd)))
            {
                problems.Error(script.Place, $"'{named}' is neither a file here nor a program on PATH", NearestFiles.Hint(Path.Combine(cwd, named)) ?? $"looked in {cwd} and in {_path}");
                return null;
            }
        }

        if (FindFolder(named) is { } directory && Folder(directory, interpreter) is { } started)
            return started;
        if (!problems.HasErrors)
            NotFound(named, script.Place);
        return null;
    }

    /// <summary>pm2 takes a script from the working directory; people write it from where the file is. Both are tried.</summary>
    private string? FindFile(string named) => Candidates(named).FirstOrDefault(IsFile);

    /// <summary>File.Exists says yes to a link that leads nowhere.</summary>
    private static bool IsFile(string path)
    {
        try
        {
            return File.Exists(path) && (new FileInfo(path).LinkTarget is null || File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: true });
        }
        catch (IOException)
        {
            return false; // a ring of links
        }
    }

    private string? FindFolder(string named) => Candidates(named).FirstOrDefault(Directory.Exists);

    private IEnumerable<string> Candidates(string named)
    {
        if (named.StartsWith("~/", StringComparison.Ordinal) && environment.TryGetValue("HOME", out var home))
            named = Path.Combine(home, named[2..]);
        return new[] { cwd, folder }.Select(from => Path.TrimEndingDirectorySeparator(Path.GetFullPath(named, from)));
    }

    /// <summary>A folder is given to its interpreter as it is; without one it is node's, which finds out anew at each launch what to run.</summary>
    private ResolvedScript? Folder(string directory, Setting<string>? interpreter)
    {
        if (interpreter is { } given && !Interpreters.IsNode(given.Value))
            return given.Value == "none" ? null : Interpreted(directory, given);
        if (NodeFolder.Entry(directory) is null)
            return null;
        return interpreter is { } named ? Interpreted(directory, named) : OnPath("node") is { } node ? OfNode(directory, node) : null;
    }

    private static ResolvedScript OfNode(string file, string node) => new(file, node, "node") { BeforeArguments = [file], IsNode = true };

    private void NotFound(string named, Place place)
    {
        var path = Path.GetFullPath(named, cwd);
        if (Directory.Exists(path) || Directory.Exists(path = Path.GetFullPath(named, folder)))
        {
            problems.Error(place, $"the script {path} is a folder", NearestFiles.ProjectIn(path) is { } project ? $"name the project: {Path.Combine(named, project)}" : NodeFolder.Entry(path) is not null ? "node would run it, and is not on PATH" : "node runs a folder that has an index.js, or a package.json with 'main'; or name the file in it that is to run");
            return;
        }

        path = Path.GetFullPath(named, cwd);
        if (new FileInfo(path).LinkTarget is { } target)
        {
            problems.Error(place, $"the script {path} is a link to {target}, which leads to no file", "make the link anew: ln -sfn TARGET LINK");
            return;
        }

        problems.Error(place, $"script not found: {path}", NearestFiles.Hint(path) ?? (cwd == folder ? null : $"looked in {cwd} and in {folder}"));
    }

    private ResolvedScript? ByEnding(string file, Place place)
    {
        if (Interpreters.For(file) is not var (programs, before))
        {
            // What npm lays into node_modules/.bin: run by node itself it can be given node's own arguments, and is seen for what it is.
            // A text without ending and #! is node's too, as in pm2: the kernel could not execute it.
            var head = ScriptHead.Of(file);
            var isNodes = head.AsksForNode || (head is { IsText: true, InterpreterLine: null } && Path.GetExtension(file).Length == 0);
            return isNodes && OnPath("node") is { } node ? OfNode(file, node) : Executed(file, place);
        }

        if (programs.Select(OnPath).FirstOrDefault(p => p is not null) is { } program)
            return new(file, program, Path.GetFileName(program)) { BeforeArguments = [.. before, file], IsNode = Interpreters.IsNode(program) };
        problems.Error(place, $"{Path.GetFileName(file)} needs {string.Join(" or ", programs)}, which is not on PATH", $"install it, or name it: interpreter: /path/to/{programs[0]}; looked in {_path}");
        return null;
    }

    private ResolvedScript? Interpreted(string file, Setting<string> interpreter)
    {
        var (named, place) = interpreter;
        if (named.StartsWith(NodeVersion, StringComparison.Ordinal))
            return OfNvm(file, named[NodeVersion.Length..], place);

        var program = named.Contains('/') ? FindFile(named) : OnPath(named);
        if (program is not null && SearchPath.IsExecutable(program))
        {
            var before = Interpreters.For(file) is { } known && known.Programs.Contains(Path.GetFileName(program)) ? known.Before : [];
            return new(file, program, Path.GetFileName(program)) { BeforeArguments = [.. before, file], IsNode = Interpreters.IsNode(program) };
        }

        if (program is not null)
            problems.Error(place, $"the interpreter {program} is not executable", $"chmod +x {program}");
        else if (named.Contains('/') && FindFolder(named) is { } directory)
            problems.Error(place, $"the interpreter {directory} is a folder", "name the program in it");
        else if (named.Contains('/'))
            problems.Error(place, $"the interpreter {Path.GetFullPath(named, cwd)} does not exist", NearestFiles.Hint(Path.GetFullPath(named, cwd)));
        else
            problems.Error(place, $"the interpreter '{named}' is not on PATH", $"looked in {_path}");
        return null;
    }

    private ResolvedScript? OfNvm(string file, string version, Place place)
    {
        var nvm = new NvmNodes(environment);
        if (nvm.Find(version) is { } node)
            return OfNode(file, node);
        problems.Error(
            place,
            $"nvm has no node {Printable.Short(version, 20)} in {nvm.Folder}",
            string.Join(", ", nvm.Installed()) is { Length: > 0 } installed ? $"it has {installed}; nvm install {version} adds it" : "name the path of that version's node");
        return null;
    }

    private ResolvedScript? Executed(string file, Place place)
    {
        if (ScriptHead.Of(file).WhyNoInterpreter(file) is var (problem, hint))
        {
            problems.Error(place, problem, hint);
            return null;
        }

        if (SearchPath.IsExecutable(file))
            return new(file, file, ResolvedScript.NoInterpreter);
        problems.Error(place, $"{file} is not executable, and its ending names no interpreter", $"chmod +x {file}, or set 'interpreter'");
        return null;
    }

    private ResolvedScript? CommandLine(string line, Place place, Setting<string>? interpreter)
    {
        if (interpreter is { Value: not ("none" or "bash") } given)
        {
            problems.Error(given.Place, "a command line needs no interpreter", "put the file in 'script' and the rest in 'args'");
            return null;
        }

        if (ShellLine.IsSimple(line) && ShellLine.TrySplit(line, out var words))
        {
            if ((words[0].Contains('/') ? FindFile(words[0]) : OnPath(words[0])) is { } program)
                return Direct(line, program) with { BeforeArguments = words[1..] };
            problems.Error(place, $"'{words[0]}' is neither a file nor a program on PATH", NearestFiles.Hint(Path.GetFullPath(words[0], cwd)));
            return null;
        }

        // The last word is $0, so that arguments of the app are $1, $2, ….
        if (OnPath("bash") is { } bash)
            return new(line, bash, "bash") { BeforeArguments = ["-c", ShellLine.WithExec(line), "bash"] };
        problems.Error(place, "a command line with shell syntax needs bash, which is not on PATH");
        return null;
    }

    private static ResolvedScript Direct(string named, string program) =>
        new(named, program, ResolvedScript.NoInterpreter) { IsNode = Interpreters.IsNode(program) };

    private string? OnPath(string name) => _path.Find(name) ?? NodeWrappers.LocalBin(name, cwd);
}

/// <summary>What is executed for a script.</summary>
/// <param name="Script">As it is shown: an absolute path, a program's name or a command line.</param>
/// <param name="Program">Absolute path.</param>
/// <param name="Interpreter">Its name as shown, or <see cref="NoInterpreter"/>.</param>
internal sealed record ResolvedScript(string Script, string Program, string Interpreter)
{
    public const string NoInterpreter = "none";

    /// <summary>Between the interpreter's own arguments and the script's.</summary>
    public ImmutableArray<string> BeforeArguments { get; init; } = [];

    /// <summary>The <c>.csproj</c> or <c>.cs</c> that is built first.</summary>
    public string? Project { get; init; }

    /// <summary>So many of the script's first arguments are said by <see cref="BeforeArguments"/>.</summary>
    public int TakenArguments { get; init; }

    public bool IsNode { get; init; }

    /// <summary>A Node program that starts the program proper as a process of its own.</summary>
    public bool IsWrapper { get; init; }

    /// <summary>Speaks Node's channel, and not its cluster protocol: it never asks its primary for a socket.</summary>
    public bool IsBun => Interpreters.IsBun(Program);

    /// <summary>It can be sent messages.</summary>
    public bool HasChannel => IsNode || IsBun;
}
