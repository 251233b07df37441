using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>
/// What was said about one app, each value checked by itself and still with its place. What a value means beside the
/// others (a script in a cwd, a default that depends on the interpreter) is decided afterwards, by <see cref="AppResolver"/>.
/// </summary>
internal sealed partial class AppDraft(Place place)
{
    /// <summary>The app as a whole, for what is missing.</summary>
    public Place Place => place;

    public Setting<string>? Name { get; set; }
    public Setting<string>? NamePrefix { get; set; }
    public Setting<bool>? AppendEnvironment { get; set; }
    public Setting<string>? Namespace { get; set; }
    public Setting<string>? Script { get; set; }
    public Setting<ImmutableArray<string>>? Arguments { get; set; }
    public Setting<string>? WorkingDirectory { get; set; }
    public Setting<string>? Interpreter { get; set; }
    public Setting<ImmutableArray<string>>? InterpreterArguments { get; set; }
    public Setting<int>? Instances { get; set; }
    public Setting<ExecMode>? ExecMode { get; set; }
    public Setting<bool>? ExecuteCommand { get; set; }
    public Setting<bool>? SourceMaps { get; set; }
    public Setting<bool>? NoSourceMaps { get; set; }
    public Setting<ImmutableArray<ListenDraft>>? Listen { get; set; }
    public Setting<ReadyWord>? WaitReady { get; set; }
    public Setting<TimeSpan>? ListenTimeout { get; set; }
    public Setting<TimeSpan>? MinReady { get; set; }
    public Setting<TimeSpan>? DrainTimeout { get; set; }
    public Setting<TimeSpan>? KillTimeout { get; set; }
    public Setting<string>? KillSignal { get; set; }
    public Setting<bool>? ShutdownWithMessage { get; set; }
    public Setting<bool>? WholeTree { get; set; }
    public Setting<bool>? Autorestart { get; set; }
    public Setting<bool>? Autostart { get; set; }
    public Setting<TimeSpan>? MinUptime { get; set; }
    public Setting<int>? MaxRestarts { get; set; }
    public Setting<TimeSpan>? RestartDelay { get; set; }
    public Setting<TimeSpan>? BackoffDelay { get; set; }
    public Setting<ImmutableArray<int>>? StopExitCodes { get; set; }
    public Setting<int>? Surge { get; set; }
    public Setting<bool?>? Overlap { get; set; }
    public Setting<bool>? Inject { get; set; }
    public Setting<ImmutableArray<string>>? PostUpdate { get; set; }
    public Setting<string>? OutFile { get; set; }
    public Setting<string>? ErrorFile { get; set; }
    public Setting<bool>? MergeLogs { get; set; }
    public Setting<ShellFilter>? ShellFilter { get; set; }
    public Setting<string>? InstanceVariable { get; set; }
    public Setting<string>? IncrementVariable { get; set; }
    public Setting<int>? Port { get; set; }
    public Setting<ImmutableArray<KeyValuePair<string, string>>>? Environment { get; set; }

    /// <summary><c>deploy.NAME.env</c> of the file, for <c>--env NAME</c>.</summary>
    public Setting<ImmutableArray<KeyValuePair<string, string>>>? DeployEnvironment { get; set; }

    /// <summary>The part of <c>env_NAME</c> that <c>--env NAME</c> selects.</summary>
    public Setting<ImmutableArray<KeyValuePair<string, string>>>? SelectedEnvironment { get; set; }
}

/// <summary>A checked value and where it was said.</summary>
internal readonly record struct Setting<T>(T Value, Place Place);

/// <summary><c>wait_ready: false | true | strict</c>.</summary>
internal enum ReadyWord
{
    No,
    Yes,
    Strict,
}

/// <summary>A <c>listen:</c> entry whose default name is still to be given.</summary>
internal readonly record struct ListenDraft(ListenAddressText Address, string? Name, int Backlog, Place Place);
