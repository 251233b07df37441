using System.Text.Json;
using ZeroDown.Config;

namespace ZeroDown.Cli.Evaluation;

/// <summary>What evaluate.cjs writes, in words for the person who wrote the config file.</summary>
internal static class NodeAnswer
{
    /// <summary>Null when it is no answer at all.</summary>
    public static EvaluatedFile? Read(string json, string node, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 128 });
            var root = document.RootElement;
            var version = root.GetProperty("node").GetString() ?? "";
            if (root.TryGetProperty("value", out var value))
                return new EvaluatedFile.Value(value.GetRawText());
            if (root.TryGetProperty("refusal", out var refusal))
                return new EvaluatedFile.Failed(Text(refusal, "message"), refusal.TryGetProperty("hint", out _) ? Text(refusal, "hint") : null) { Path = Text(refusal, "path") };
            if (root.TryGetProperty("thrown", out var thrown))
                return Thrown(thrown, node, version, path);
            if (root.TryGetProperty("pending", out _))
                return new EvaluatedFile.Failed("it waits for a promise that nothing will fulfil", "the program had nothing left to do, and the promise was still open");
            if (root.TryGetProperty("ended", out var code))
                return new EvaluatedFile.Failed($"it ended the program (process.exit with {code.GetRawText()}) before it exported anything", "leave process.exit to the app");
            return root.TryGetProperty("tooOld", out _) ? TooOld(node, version) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    public static EvaluatedFile.Failed TooOld(string node, string version) =>
        new($"this file needs {NodeEvaluation.NodeNeeded}; {node} is {version}", "install a newer one, or write the same keys into ecosystem.yaml");

    private static EvaluatedFile.Failed Thrown(JsonElement thrown, string node, string version, string path)
    {
        // What follows the first line is for the stack of a program, not for a reader of one sentence.
        var message = Text(thrown, "message").Split('\n')[0].TrimEnd('\r');
        var code = Text(thrown, "code");
        if (code == "ERR_UNKNOWN_FILE_EXTENSION")
            return new($"TypeScript needs node 22.18 or newer; {node} is {version}", "install a newer one, or write the file in JavaScript");
        var hint = !EcosystemFile.IsProgram(path)
            ? "it is no JSON, so node was asked: one value in JavaScript's notation, and nothing behind it"
            : code is "MODULE_NOT_FOUND" or "ERR_MODULE_NOT_FOUND"
            ? "is it installed (npm install)? packages are looked for from the folder of the file on"
            : message.Contains("import statement outside a module", StringComparison.Ordinal) || message.Contains("Unexpected token 'export'", StringComparison.Ordinal)
            ? $"rename it to {Path.GetFileNameWithoutExtension(path)}.mjs, so that node takes it for an ES module"
            : message.Contains("in ES module scope", StringComparison.Ordinal)
            ? $"a package.json says \"type\": \"module\" here; rename it to {Path.GetFileNameWithoutExtension(path)}.cjs"
            : null;
        return new(message.StartsWith("SyntaxError", StringComparison.Ordinal) ? message : $"it throws {message}", hint, Number(thrown, "line"), Number(thrown, "column"));
    }

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";

    private static int Number(JsonElement of, string name) => of.TryGetProperty(name, out var number) ? number.GetInt32() : 0;
}
