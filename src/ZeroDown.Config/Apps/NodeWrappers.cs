using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>
/// Tools that start node as a process of their own. That process has neither the channel nor the socket of the cluster, so tsx and ts-node are replaced by
/// node with their loader, and all others run in fork mode.
/// </summary>
internal sealed class NodeWrappers(string cwd, Func<string, string?> onPath, Problems problems)
{
    private static readonly FrozenSet<string> Others = new[]
    {
        "nodemon", "cross-env", "concurrently", "dotenv-cli", "@dotenvx/dotenvx", "env-cmd", "ts-node-dev", "npm-run-all", "npm-run-all2", "foreman", "@nestjs/cli", "npm", "pnpm", "yarn",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A runner that is named without a path and is not on PATH: in the node_modules of the app.</summary>
    public static string? LocalBin(string name, string cwd) =>
        Runner(name) is { } package && NodePackage.From(cwd, package) is { Folder: var folder } && Path.Combine(Path.GetDirectoryName(folder)!, ".bin", name) is var bin && File.Exists(bin) ? bin : null;

    /// <summary>What is executed instead of a wrapper.</summary>
    /// <param name="script">What would be executed.</param>
    /// <param name="interpreterArguments">The arguments that stand before all others.</param>
    /// <param name="arguments">The script's arguments.</param>
    /// <param name="place">Of the word that names the wrapper.</param>
    public ResolvedScript Replaced(ResolvedScript script, ImmutableArray<string> interpreterArguments, ImmutableArray<string> arguments, Place place)
    {
        var byNode = Interpreters.IsNode(script.Program) && script.BeforeArguments is [_, ..];
        var (tool, before) = byNode ? (script.BeforeArguments[0], script.BeforeArguments[1..]) : (script.Program, script.BeforeArguments);
        ImmutableArray<string> words = [.. before, .. arguments];
        var taken = 0;
        if (Path.GetFileName(tool) == "npx")
        {
            taken = words.TakeWhile(word => word is "-y" or "--yes" or "--no" or "--no-install" or "--").Count();
            if (taken == words.Length || Runner(words[taken]) is null)
                return script;
            tool = words[taken++];
        }

        // pnpm lays shell scripts into .bin.
        var package = (tool.Contains('/') ? NodePackage.Of(tool)?.Name : null) ?? Runner(Path.GetFileName(tool));
        if (package is not ("tsx" or "ts-node"))
            return script.IsNode && package is not null && Others.Contains(package) ? script with { IsWrapper = true } : script;

        var ordinary = script with { IsNode = false };
        // node's own options before a script that is run by node are not the runner's.
        var given = byNode || script.Interpreter == ResolvedScript.NoInterpreter ? [] : interpreterArguments;
        if (!RunnerCommand.TryRead(package, Path.GetFileName(tool), given, words[taken..], cwd, out var command))
            return ordinary;
        if (command.Loaded(Package(tool, package)) is not { } loader || onPath("node") is not { } node)
        {
            problems.Warning(place, $"the package {package} was not found from {cwd}; it runs as an ordinary program in fork mode", $"npm install {package}");
            return ordinary;
        }

        taken += command.Taken;
        var fromArguments = Math.Max(0, taken - before.Length);
        return script with
        {
            Script = fromArguments > 0 && taken > command.Taken ? $"{script.Script} {package}" : script.Script,
            Program = node,
            Interpreter = script.Interpreter == ResolvedScript.NoInterpreter ? "node" : script.Interpreter,
            BeforeArguments = [.. loader, .. before.Skip(taken)],
            TakenArguments = fromArguments,
            IsNode = true,
        };
    }

    /// <summary>The package of a runner's command.</summary>
    private static string? Runner(string name) => name switch
    {
        "tsx" => "tsx",
        "ts-node" or "ts-node-esm" or "ts-node-transpile-only" or "ts-node-script" or "ts-node-cwd" => "ts-node",
        _ => null,
    };

    /// <summary>The one that belongs to the command: beside its .bin folder; else as node finds it for the app; else what PATH leads to.</summary>
    private NodePackage? Package(string tool, string name)
    {
        if (tool.Contains('/') && Path.GetDirectoryName(tool) is { } bin && Path.GetFileName(bin) == ".bin" && NodePackage.In(Path.GetDirectoryName(bin)!, name) is { } beside)
            return beside;
        return NodePackage.From(cwd, name) ?? (tool.Contains('/') ? NodePackage.Of(tool) : null);
    }
}
