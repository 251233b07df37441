using System.Runtime.InteropServices;
using System.Text.Json;

namespace ZeroDown.Protocol.Wire;

/// <summary>One row of the contract: a method's name on the wire, its one parameter object and its result.</summary>
internal abstract class RpcMethod(string name, bool anyVersion)
{
    public string Name { get; } = name;

    /// <summary>True for what a CLI of another version must still be able to ask: who are you, and go.</summary>
    public bool AnyVersion { get; } = anyVersion;

    /// <summary>Reads the parameter object.</summary>
    /// <param name="parameters">As it came; <c>Undefined</c> when the request has none.</param>
    /// <exception cref="JsonException">It is not what the method takes.</exception>
    public abstract DaemonCommand Read(JsonElement parameters);

    /// <summary>Calls the service; what comes back writes the result as one JSON value.</summary>
    /// <param name="service">Who answers.</param>
    /// <param name="command">What <see cref="Read"/> returned.</param>
    /// <param name="cancellation">Cancelled when the client leaves or takes the request back.</param>
    public abstract Task<Action<Utf8JsonWriter>> InvokeAsync(IDaemonService service, DaemonCommand command, CancellationToken cancellation);
}

internal sealed class RpcMethod<TCommand, TResult>(
    string name,
    Func<IDaemonService, TCommand, CancellationToken, Task<TResult>> call,
    bool anyVersion = false) : RpcMethod(name, anyVersion)
    where TCommand : DaemonCommand
    where TResult : class
{
    public override DaemonCommand Read(JsonElement parameters)
    {
        var type = ProtocolJson.StrictOf<TCommand>();
        var command = parameters.ValueKind == JsonValueKind.Undefined
            ? JsonSerializer.Deserialize("{}"u8, type)
            : parameters.Deserialize(type);
        if (command is null)
            throw new JsonException("the parameter object is null");
        if (command.Token is { } token)
        {
            CommandToken.Check(token);
            command.Wording = JsonMarshal.GetRawUtf8Value(parameters).ToArray();
        }

        return command;
    }

    public override async Task<Action<Utf8JsonWriter>> InvokeAsync(
        IDaemonService service, DaemonCommand command, CancellationToken cancellation)
    {
        var result = await call(service, (TCommand)command, cancellation).ConfigureAwait(false);
        return writer => JsonSerializer.Serialize(writer, result, ProtocolJson.Of<TResult>());
    }
}

/// <summary>The contract as a table; client and server read the same rows.</summary>
internal static class DaemonMethods
{
    public static readonly RpcMethod<PingCommand, DaemonInfo> Ping = new("ping", (s, c, t) => s.PingAsync(c, t), anyVersion: true);
    public static readonly RpcMethod<FleetCommand, CommandReply> Start = new("start", (s, c, t) => s.StartAsync(c, t));
    public static readonly RpcMethod<FleetCommand, CommandReply> Reload = new("reload", (s, c, t) => s.ReloadAsync(c, t));
    public static readonly RpcMethod<FleetCommand, CommandReply> Restart = new("restart", (s, c, t) => s.RestartAsync(c, t));
    public static readonly RpcMethod<FleetCommand, CommandReply> Stop = new("stop", (s, c, t) => s.StopAsync(c, t));
    public static readonly RpcMethod<FleetCommand, CommandReply> Delete = new("delete", (s, c, t) => s.DeleteAsync(c, t));
    public static readonly RpcMethod<ScaleCommand, CommandReply> Scale = new("scale", (s, c, t) => s.ScaleAsync(c, t));
    public static readonly RpcMethod<WatchCommand, CommandReply> Watch = new("watch", (s, c, t) => s.WatchAsync(c, t));
    public static readonly RpcMethod<FleetCommand, CommandReply> Reset = new("reset", (s, c, t) => s.ResetAsync(c, t));
    public static readonly RpcMethod<FleetCommand, CommandReply> Flush = new("flush", (s, c, t) => s.FlushAsync(c, t));
    public static readonly RpcMethod<FleetCommand, CommandReply> ReloadLogs = new("reloadLogs", (s, c, t) => s.ReloadLogsAsync(c, t));
    public static readonly RpcMethod<SignalCommand, CommandReply> Signal = new("signal", (s, c, t) => s.SignalAsync(c, t));
    public static readonly RpcMethod<SendLineCommand, CommandReply> SendLine = new("sendLine", (s, c, t) => s.SendLineAsync(c, t));
    public static readonly RpcMethod<ListCommand, FleetSnapshot> List = new("list", (s, c, t) => s.ListAsync(c, t));
    public static readonly RpcMethod<LogsCommand, CommandReply> Logs = new("logs", (s, c, t) => s.LogsAsync(c, t));
    public static readonly RpcMethod<SaveCommand, CommandReply> Save = new("save", (s, c, t) => s.SaveAsync(c, t));
    public static readonly RpcMethod<ResurrectCommand, CommandReply> Resurrect = new("resurrect", (s, c, t) => s.ResurrectAsync(c, t));
    public static readonly RpcMethod<UpdateCommand, CommandReply> Update = new("update", (s, c, t) => s.UpdateAsync(c, t), anyVersion: true);
    public static readonly RpcMethod<KillCommand, CommandReply> Kill = new("kill", (s, c, t) => s.KillAsync(c, t), anyVersion: true);

    public static readonly RpcMethod[] All =
        [Ping, Start, Reload, Restart, Stop, Delete, Scale, Watch, Reset, Flush, ReloadLogs, Signal, SendLine, List, Logs, Save, Resurrect, Update, Kill];

    public static RpcMethod? Find(string name) => Array.Find(All, method => method.Name == name);
}

/// <summary>What the daemon says without being asked.</summary>
internal static class DaemonNotices
{
    public const string Progress = "progress";
    public const string Log = "log";
}
