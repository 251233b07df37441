using System.Text;
using System.Text.Json;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// What every text of a definition must be before it may come near a launch: there, and without the NUL that ends a string
/// of the kernel's. <c>zd</c> sends nothing else; whoever drives the pipe by hand is told here, and not by a daemon that falls over.
/// </summary>
internal static class DefinitionRules
{
    /// <summary>Log files are called after the app, with up to 55 bytes of ours behind the name; a file's name has at most 255.</summary>
    private const int LongestName = 200;

    /// <summary>A worker's descriptors have numbers up to 199, and one message to the keeper carries 253; nobody has come near.</summary>
    private const int MostListeners = 128;

    /// <exception cref="FormatException">The message says which value makes no sense.</exception>
    public static void Check(AppDefinition definition)
    {
        // An array of the wire may hold null, whatever the type says.
        if (definition is null)
            throw new FormatException("an app is null");
        CheckName(definition.Name);
        CheckEnvironment(definition.Environment);
        Require(definition.Listen.Length <= MostListeners, $"listen has {definition.Listen.Length} entries; at most {MostListeners} can be handed to a worker");
        Whole("arguments", definition.Arguments);
        Whole("scriptArguments", definition.ScriptArguments);
        Whole("interpreterArguments", definition.InterpreterArguments);
        Whole("declaredVariables", definition.DeclaredVariables);
        Whole("postUpdate", definition.PostUpdate);
        foreach (var listener in definition.Listen)
            Whole("listen", listener?.Name, listener?.Path ?? "", listener?.Host ?? "");
        Whole("a text", definition.Namespace, definition.Script, definition.Program, definition.WorkingDirectory, definition.Interpreter,
            definition.InstanceVariable, definition.IncrementVariable ?? "", definition.StopSignal, definition.OutFile ?? "", definition.ErrorFile ?? "");
        CheckEveryText(definition);
    }

    /// <summary>The rest, whatever fields a definition has or gets: as it would be sent.</summary>
    private static void CheckEveryText(AppDefinition definition)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(definition, ProtocolJson.Default.AppDefinition);
        if (text.AsSpan().IndexOf("\\u0000"u8) < 0)
            return;
        // What looks like one may be a backslash in front of "u0000", so it is read.
        using var json = JsonDocument.Parse(text);
        CheckTexts("a text", json.RootElement);
    }

    private static void CheckTexts(string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Whole(name, value.GetString());
                break;
            case JsonValueKind.Array:
                foreach (var element in value.EnumerateArray())
                    CheckTexts(name, element);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Whole(name, member.Name);
                    CheckTexts(member.Name, member.Value);
                }

                break;
        }
    }

    /// <inheritdoc cref="Check"/>
    public static void CheckName(string? name)
    {
        Whole("name", name);
        Require(Encoding.UTF8.GetByteCount(name!) <= LongestName, $"name is longer than {LongestName} bytes");
    }

    /// <inheritdoc cref="Check"/>
    public static void CheckEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
        {
            Whole("environment", name, value);
            Require(name.Length > 0 && !name.Contains('='), $"environment has a variable called \"{name}\"");
        }
    }

    private static void Whole(string name, params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            Require(text is not null, $"{name} holds null");
            Require(!text!.Contains('\0', StringComparison.Ordinal), $"{name} holds a NUL character: \"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\"");
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new FormatException(otherwise);
    }
}
