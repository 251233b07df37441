using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ZeroDown.Protocol;

/// <summary>Every type that travels, with source-generated code: nothing is reflected upon at run time. The state file
/// of the daemon may use it too.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PingCommand))]
[JsonSerializable(typeof(KillCommand))]
[JsonSerializable(typeof(UpdateCommand))]
[JsonSerializable(typeof(FleetCommand))]
[JsonSerializable(typeof(WatchCommand))]
[JsonSerializable(typeof(SaveCommand))]
[JsonSerializable(typeof(ResurrectCommand))]
[JsonSerializable(typeof(ScaleCommand))]
[JsonSerializable(typeof(SignalCommand))]
[JsonSerializable(typeof(SendLineCommand))]
[JsonSerializable(typeof(ListCommand))]
[JsonSerializable(typeof(LogsCommand))]
[JsonSerializable(typeof(DaemonInfo))]
[JsonSerializable(typeof(CommandReply))]
[JsonSerializable(typeof(FleetSnapshot))]
[JsonSerializable(typeof(ProgressNote))]
[JsonSerializable(typeof(LogNote))]
public sealed partial class ProtocolJson : JsonSerializerContext
{
    internal static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!;

    /// <summary>For requests: a member that nobody knows is an error, so a typo on a hand-written line ("target" for
    /// "targets") is not a command on something else.</summary>
    internal static JsonTypeInfo<T> StrictOf<T>() => (JsonTypeInfo<T>)Requests.Strict.GetTypeInfo(typeof(T))!;

    /// <summary>A class of its own, because <c>Default</c> must be there first.</summary>
    private static class Requests
    {
        public static readonly ProtocolJson Strict =
            new(new JsonSerializerOptions(Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow });
    }
}
