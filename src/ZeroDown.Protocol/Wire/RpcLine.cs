using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ZeroDown.Protocol.Wire;

/// <summary>Writes JSON-RPC 2.0 messages, one per line.</summary>
internal static class RpcLine
{
    /// <summary>Taking a request back, as the language server protocol spells it.</summary>
    public const string CancelMethod = "$/cancelRequest";

    public static readonly ReadOnlyMemory<byte> Blank = "\n"u8.ToArray();

    public static ReadOnlyMemory<byte> Request<T>(long id, string method, JsonTypeInfo<T> type, T parameters) => Write(writer =>
    {
        writer.WriteNumber("id"u8, id);
        WriteCall(writer, method, type, parameters);
    });

    public static ReadOnlyMemory<byte> Notification<T>(string method, JsonTypeInfo<T> type, T parameters) =>
        Write(writer => WriteCall(writer, method, type, parameters));

    public static ReadOnlyMemory<byte> Cancel(long id) => Write(writer =>
    {
        writer.WriteString("method"u8, CancelMethod);
        writer.WriteStartObject("params"u8);
        writer.WriteNumber("id"u8, id);
        writer.WriteEndObject();
    });

    /// <param name="id">As the request had it; <c>Undefined</c> becomes null.</param>
    /// <param name="result">Writes one JSON value.</param>
    public static ReadOnlyMemory<byte> Result(JsonElement id, Action<Utf8JsonWriter> result) => Write(writer =>
    {
        WriteId(writer, id);
        writer.WritePropertyName("result"u8);
        result(writer);
    });

    public static ReadOnlyMemory<byte> Error(JsonElement id, int code, string message) => Write(writer =>
    {
        WriteId(writer, id);
        writer.WriteStartObject("error"u8);
        writer.WriteNumber("code"u8, code);
        writer.WriteString("message"u8, message);
        writer.WriteEndObject();
    });

    private static void WriteCall<T>(Utf8JsonWriter writer, string method, JsonTypeInfo<T> type, T parameters)
    {
        writer.WriteString("method"u8, method);
        writer.WritePropertyName("params"u8);
        JsonSerializer.Serialize(writer, parameters, type);
    }

    private static void WriteId(Utf8JsonWriter writer, JsonElement id)
    {
        writer.WritePropertyName("id"u8);
        if (id.ValueKind == JsonValueKind.Undefined)
            writer.WriteNullValue();
        else
            id.WriteTo(writer);
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            members(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }
}
