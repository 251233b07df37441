using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ZeroDown.Config;

/// <summary>A list or a mapping as the value of a variable, which holds one text only: JSON, as pm2 does it.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool TryWrite(ConfigNode node, ValueReader reader, out string json)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Plain))
        {
            if (!TryWrite(node, reader, writer))
            {
                json = "";
                return false;
            }
        }

        json = Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        return true;
    }

    private static bool TryWrite(ConfigNode node, ValueReader reader, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case SequenceNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    if (!TryWrite(item, reader, writer))
                        return false;
                }

                writer.WriteEndArray();
                return true;
            case MappingNode mapping:
                writer.WriteStartObject();
                foreach (var (key, value, _) in mapping.Entries)
                {
                    writer.WritePropertyName(key.Value);
                    if (!TryWrite(value, reader, writer))
                        return false;
                }

                writer.WriteEndObject();
                return true;
            default:
                return Scalar((ScalarNode)node, reader, writer);
        }
    }

    private static bool Scalar(ScalarNode scalar, ValueReader reader, Utf8JsonWriter writer)
    {
        if (scalar.IsNull)
            writer.WriteNullValue();
        else if (scalar.IsPlain && IsJson(scalar.Value))
            writer.WriteRawValue(scalar.Value);
        else if (reader.Text(scalar, out var text))
            writer.WriteStringValue(text);
        else
            return false;
        return true;
    }

    /// <summary>True, false, or a number as JSON writes it; YAML's 010 is text.</summary>
    private static bool IsJson(string plain)
    {
        if (plain is "true" or "false")
            return true;
        if (plain.Length == 0 || !(char.IsAsciiDigit(plain[0]) || plain[0] == '-'))
            return false;
        try
        {
            using var number = JsonDocument.Parse(plain);
            return number.RootElement.ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
