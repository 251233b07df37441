using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ZeroDown.Cli.Asking;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Settings;

/// <summary>
/// The keys that <c>zd set</c> keeps: one JSON object of texts in the home folder, readable and writable by hand. Written whole beside the old one
/// and put in its place by one rename.
/// </summary>
internal sealed class SettingsFile(HomeFolder home)
{
    /// <summary>Ordered by key. Nothing when there is no file.</summary>
    /// <exception cref="CommandException">It cannot be read; the message says what to do.</exception>
    public SortedDictionary<string, string> Read()
    {
        try
        {
            return File.Exists(home.Settings)
                ? JsonSerializer.Deserialize(File.ReadAllText(home.Settings), SettingsJson.Default.SortedDictionaryStringString) ?? []
                : [];
        }
        catch (JsonException problem)
        {
            throw new CommandException(ExitCode.ConfigInvalid, $"{home.Settings} is not what `zd set` writes (line {problem.LineNumber + 1}): mend it, or delete it");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{home.Settings} cannot be read: {problem.Message}");
        }
    }

    public void Write(SortedDictionary<string, string> settings)
    {
        home.Prepare();
        var beside = $"{home.Settings}.{Environment.ProcessId}";
        try
        {
            using (var file = File.Create(beside))
                JsonSerializer.Serialize(file, settings, SettingsJson.Readable);
            File.Move(beside, home.Settings, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{home.Settings} cannot be written: {problem.Message}");
        }
    }

    /// <summary>The variables that are kept for an app.</summary>
    public IEnumerable<KeyValuePair<string, string>> VariablesOf(string app) =>
        from setting in Read()
        let key = SettingKey.Split(setting.Key)
        where key?.Owner == app && !SettingKey.IsForeign(app)
        select new KeyValuePair<string, string>(key.Value.Name, setting.Value);
}

[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class SettingsJson : JsonSerializerContext
{
    /// <summary>For people: text as it was typed.</summary>
    public static JsonTypeInfo<SortedDictionary<string, string>> Readable { get; } =
        new SettingsJson(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).SortedDictionaryStringString;
}
