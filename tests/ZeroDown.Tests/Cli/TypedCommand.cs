using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroDown.Cli;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>
/// What a user types, run by the real command line against a daemon that writes down what it is asked, behind a real pipe. Two apps
/// run there: <c>api</c> (ids 0 and 1) and <c>job</c> (id 2).
/// </summary>
internal sealed class TypedCommand : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DaemonListener? _listener;
    private readonly StringWriter _out = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public TypedCommand(bool daemon = true)
    {
        Home = new HomeFolder(_folder["home"]);
        Directory.CreateDirectory(Folder);
        if (daemon)
            _listener = DaemonListener.Start(Home, _ => Daemon);
    }

    public HomeFolder Home { get; }

    /// <summary>Where the user stands.</summary>
    public string Folder => _folder["work"];

    public RecordingDaemon Daemon { get; } = new();

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    /// <summary>What the daemon was asked to do; looking at the list is not counted.</summary>
    public IEnumerable<string> Asked => Daemon.Asked.Where(asked => !asked.StartsWith("list ", StringComparison.Ordinal));

    public string Stdin { get; init; } = "";

    public bool Silent { get; init; }

    public async Task<int> Run(params string[] words)
    {
        var screen = new Screen(_out, _error) { Width = 200, Silent = Silent };
        return await new CommandLine(new UserShell
        {
            Home = Home,
            Screen = screen,
            Context = () => new ReadContext
            {
                Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["COLOUR"] = "green" },
                CurrentDirectory = Folder,
                Kept = new ZeroDown.Cli.Settings.SettingsFile(Home).VariablesOf,
            },
            In = () => new StringReader(Stdin),
            StartDaemon = _ => "no daemon is started in this test",
            User = "somebody",
            Now = () => DateTimeOffset.FromUnixTimeMilliseconds(RecordingDaemon.StartedAtMs).AddMinutes(5),
        }).RunAsync(words);
    }

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(Folder, file), text);

    public async ValueTask DisposeAsync()
    {
        if (_listener is not null)
            await _listener.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Answers that all is well, and remembers the question as its method's name and its JSON, without what differs each time.</summary>
internal sealed class RecordingDaemon : IDaemonService
{
    public const long StartedAtMs = 1_750_000_000_000;

    private static readonly JsonSerializerOptions Terse = new(ProtocolJson.Default.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    public ConcurrentQueue<string> Asked { get; } = [];

    public CommandReply Reply { get; set; } = new();

    public FleetSnapshot Fleet { get; set; } = new()
    {
        Daemon = new DaemonInfo { Version = "9.9.9", Home = "/home", Pid = 42, KeeperPid = 41, StartedAtMs = StartedAtMs },
        Apps = [Running("api", 0, 2), Running("job", 2, 1)],
    };

    public static AppView Running(string name, int firstId, int instances) => new()
    {
        Definition = new AppDefinition
        {
            Name = name,
            Namespace = "default",
            Script = "/bin/sh",
            Program = "/bin/sh",
            WorkingDirectory = "/",
            Instances = instances,
            ScriptArguments = ["old"],
            Arguments = ["old"],
            Environment = { ["COLOUR"] = "blue", ["status"] = "a variable of that name", ["PORT"] = "3000" },
            IncrementVariable = "PORT",
        },
        Slots = [.. Enumerable.Range(0, instances).Select(slot => new SlotView
        {
            Slot = slot,
            PmId = firstId + slot,
            Status = "online",
            CreatedAtMs = StartedAtMs,
            OutLog = $"/logs/{name}-out-{firstId + slot}.log",
            ErrorLog = $"/logs/{name}-error-{firstId + slot}.log",
            CombinedLog = $"/logs/{name}-{firstId + slot}.log",
            PidFile = $"/pids/{name}-{firstId + slot}.pid",
            Worker = new WorkerView { Pid = 1000 + firstId + slot, Status = "online", StartedAtMs = StartedAtMs, MemoryBytes = 1024 * (9 - slot), Slot = slot, PmId = firstId + slot },
        })],
    };

    public Task<DaemonInfo> PingAsync(PingCommand command, CancellationToken cancellation) => Task.FromResult(Fleet.Daemon);

    public Task<CommandReply> WatchAsync(WatchCommand command, CancellationToken cancellation) => Note("watch", command);

    public Task<CommandReply> StartAsync(FleetCommand command, CancellationToken cancellation) => Note("start", command);

    public Task<CommandReply> ReloadAsync(FleetCommand command, CancellationToken cancellation) => Note("reload", command);

    public Task<CommandReply> RestartAsync(FleetCommand command, CancellationToken cancellation) => Note("restart", command);

    public Task<CommandReply> StopAsync(FleetCommand command, CancellationToken cancellation) => Note("stop", command);

    public Task<CommandReply> DeleteAsync(FleetCommand command, CancellationToken cancellation) => Note("delete", command);

    public Task<CommandReply> ScaleAsync(ScaleCommand command, CancellationToken cancellation) => Note("scale", command);

    public Task<CommandReply> ResetAsync(FleetCommand command, CancellationToken cancellation) => Note("reset", command);

    public Task<CommandReply> FlushAsync(FleetCommand command, CancellationToken cancellation) => Note("flush", command);

    public Task<CommandReply> ReloadLogsAsync(FleetCommand command, CancellationToken cancellation) => Note("reloadLogs", command);

    public Task<CommandReply> SignalAsync(SignalCommand command, CancellationToken cancellation) => Note("signal", command);

    public Task<CommandReply> SendLineAsync(SendLineCommand command, CancellationToken cancellation) => Note("sendLine", command);

    /// <summary>Whoever wants new lines only waits for them, as at a real daemon; the other readers get their answer.</summary>
    public async Task<CommandReply> LogsAsync(LogsCommand command, CancellationToken cancellation)
    {
        var reply = await Note("logs", command);
        if (command is { Lines: 0, Follow: true })
            await Task.Delay(Timeout.Infinite, cancellation);
        return reply;
    }

    public Task<CommandReply> SaveAsync(SaveCommand command, CancellationToken cancellation) => Note("save", command);

    public Task<CommandReply> ResurrectAsync(ResurrectCommand command, CancellationToken cancellation) => Note("resurrect", command);

    public Task<CommandReply> UpdateAsync(UpdateCommand command, CancellationToken cancellation) => Note("update", command);

    public Task<CommandReply> KillAsync(KillCommand command, CancellationToken cancellation) => Note("kill", command);

    public Task<FleetSnapshot> ListAsync(ListCommand command, CancellationToken cancellation)
    {
        Asked.Enqueue($"list {string.Join(' ', command.Targets)}");
        var known = Fleet.Apps.Where(app => command.Targets.Length == 0 || command.Targets.Contains("all") || command.Targets is [['/', .., '/']] || command.Targets.Contains(app.Definition.Name)
            || app.Slots.Any(slot => command.Targets.Contains($"{slot.PmId}"))).ToArray();
        return Task.FromResult(Fleet with { Apps = known, Errors = known.Length == 0 ? ["there is nothing of that name"] : [] });
    }

    private Task<CommandReply> Note<T>(string method, T command)
        where T : DaemonCommand
    {
        var json = JsonSerializer.Serialize(command with { Protocol = 0, Token = null }, Terse.GetTypeInfo(typeof(T)));
        Asked.Enqueue($"{method} {json}");
        return Task.FromResult(Reply);
    }
}
