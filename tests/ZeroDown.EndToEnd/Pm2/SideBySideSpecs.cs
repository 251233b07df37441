using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Pm2;

/// <summary>
/// Each file of tests/pm2-files/files, one per spelling and value, is started by pm2 7 and by zd. What both made of it stands side by side in
/// tests/pm2-files/results.md. <c>ZD_WRITE_PM2=1</c> writes that file and schema.tsv anew.
/// </summary>
public sealed class SideBySideSpecs : EndToEndTest
{
    private const int Together = 12;
    private const int Batch = 24;

    /// <summary>pm2 drops it without a word, and the app runs with one instance.</summary>
    private static readonly string[] Refused = ["typing-mistake.config.js"];

    private static readonly bool Writes = Environment.GetEnvironmentVariable("ZD_WRITE_PM2") == "1";

    private string Pm2Home => Path.Combine(Zd.Folder, "pm2");

    [Fact]
    public async Task What_pm2_starts_is_started_and_both_results_are_written_down()
    {
        string[] files = [.. Directory.EnumerateFiles(RealPm2.Files)
            .Select(path => Path.GetFileName(path)).Where(name => name.Contains(".config.", StringComparison.Ordinal) || name.Contains(".json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        var theirs = RealPm2.RunAsync(Pm2Home, RealPm2.Files, "start.cjs", files);
        var ours = new Dictionary<string, (string Cell, string Said)>();
        foreach (var batch in files.Chunk(Batch))
            await StartAsync(batch, ours);
        var table = Table(files, JsonDocument.Parse((await theirs).Split('\n').Single(line => line.StartsWith("{\"cpus\"", StringComparison.Ordinal))).RootElement, ours);

        var path = Path.Combine(RealPm2.Folder, "results.md");
        if (Writes)
            await File.WriteAllTextAsync(path, table, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), table);
    }

    [Fact]
    public async Task The_values_that_pm2_takes_are_those_that_are_written_down()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Zd.Folder, "schema")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "app.js"), "", TestContext.Current.CancellationToken);
        var schema = await RealPm2.RunAsync(Pm2Home, folder, "schema.cjs", folder);
        var path = Path.Combine(RealPm2.Folder, "schema.tsv");
        if (Writes)
            await File.WriteAllTextAsync(path, schema, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), schema);
    }

    private async Task StartAsync(string[] files, Dictionary<string, (string Cell, string Said)> results)
    {
        var said = new Dictionary<string, string>();
        foreach (var few in files.Chunk(Together))
        {
            var commands = few.Select(file =>
            {
                Zd.Environment["TEST_FILE"] = file;
                return (File: file, Command: Zd.RunIn(RealPm2.Files, "start", file));
            }).ToList();
            foreach (var (file, command) in commands)
            {
                var result = (await command).HasNoStackTrace();
                said[file] = $"{(result.ExitCode == 0 ? "" : $"exit {result.ExitCode}: ")}{Said(result)}";
            }
        }

        using var list = JsonDocument.Parse((await Zd.Run("jlist")).Succeeded().Out);
        var workers = list.RootElement.EnumerateArray().ToLookup(worker => Variable(worker, "TEST_FILE"));
        foreach (var file in files)
        {
            var cell = StartedApp.Cell(file, workers[$"TEST_FILE={file}"].Select(worker => worker.GetProperty("pm2_env")), Environment.ProcessorCount, worker => Variables(worker).Where(variable => variable.StartsWith("X_", StringComparison.Ordinal)));
            results[file] = (cell, said[file]);
        }

        await Zd.Run("delete", "all");
    }

    /// <summary>The messages, without places and hints.</summary>
    private static string Said(ZdResult result) => string.Join("; ", result.All.Split('\n')
        .Where(line => line.Contains(": error: ", StringComparison.Ordinal) || line.Contains(": warning: ", StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(": error: ", StringComparison.Ordinal) is >= 0 and var error ? error + 9 : line.IndexOf(": warning: ", StringComparison.Ordinal) + 11)..])
        .Select(line => line.Replace(RealPm2.Files + "/", "", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal)));

    private static string Table(string[] files, JsonElement theirs, Dictionary<string, (string Cell, string Said)> ours)
    {
        var table = new StringBuilder("# What pm2 7.0.4 and zd make of each file\n\nWritten by `SideBySideSpecs`. Name, status, mode, interpreter and script; arguments in brackets.\n\n| file | pm2 | zd | what zd says |\n| --- | --- | --- | --- |\n");
        var lost = new List<string>();
        foreach (var file in files)
        {
            var result = theirs.GetProperty("files").GetProperty(file);
            var pm2 = StartedApp.Cell(file, result.GetProperty("apps").EnumerateArray(), theirs.GetProperty("cpus").GetInt32(), worker => worker.GetProperty("environ").EnumerateArray().Select(variable => variable.GetString()!));
            var (zd, said) = ours[file];
            if (pm2.Length > 0 && zd.Length == 0 && !Refused.Contains(file))
                lost.Add($"{file}: {said}");
            // The machine's, and its node's own words.
            said = Regex.Replace(Regex.Replace(said, "one per CPU: [0-9]+", "one per CPU"), "SyntaxError: [^;]*", "SyntaxError");
            table.Append($"| {file} | {(pm2.Length > 0 ? pm2 : "refused")} | {(zd == pm2 && zd.Length > 0 ? "the same" : zd.Length > 0 ? zd : "refused")} | {said} |\n");
        }

        Assert.Equal([], lost);
        return table.ToString();
    }

    private static IEnumerable<string> Variables(JsonElement pm2Env) =>
        pm2Env.TryGetProperty("env", out var env) ? env.EnumerateObject().Select(variable => $"{variable.Name}={variable.Value}") : [];

    private static string? Variable(JsonElement worker, string name) =>
        Variables(worker.GetProperty("pm2_env")).FirstOrDefault(variable => variable.StartsWith(name + "=", StringComparison.Ordinal));
}
