using System.Collections.Concurrent;
using Xunit;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Protocol;

/// <summary>A daemon that answers what the test says, behind a real pipe in a folder of its own.</summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DaemonListener _listener;

    public FakeDaemon(FakeService? service = null)
    {
        Service = service ?? new FakeService();
        Home = new HomeFolder(_folder["home"]);
        _listener = DaemonListener.Start(
            Home,
            notices =>
            {
                Service.Clients.Add(notices);
                return Service.For(notices);
            },
            Problems.Add);
    }

    public HomeFolder Home { get; }

    public FakeService Service { get; }

    public ConcurrentBag<Exception> Problems { get; } = [];

    public Task<DaemonConnection> ConnectAsync(IClientNotices? notices = null) =>
        DaemonConnection.ConnectAsync(Home, notices ?? new RecordedNotices(), TestContext.Current.CancellationToken);

    public RawClient Raw() => new(Home.Pipe);

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _folder.Dispose();
    }
}

internal sealed class RecordedNotices : IClientNotices
{
    public ConcurrentQueue<ProgressNote> Steps { get; } = [];

    public ConcurrentQueue<LogNote> Logs { get; } = [];

    public void Progress(ProgressNote note) => Steps.Enqueue(note);

    public void Log(LogNote note) => Logs.Enqueue(note);
}

/// <summary>Every method answers; a test replaces the ones it is about.</summary>
internal sealed record FakeService : IDaemonService
{
    public const string Version = "9.9.9";

    public ConcurrentBag<IClientNotices> Clients { get; init; } = [];

    public IClientNotices Notices { get; init; } = new RecordedNotices();

    public Func<FakeService, FleetCommand, CancellationToken, Task<CommandReply>> OnFleet { get; init; } =
        (_, _, _) => Task.FromResult(new CommandReply());

    public Func<FakeService, LogsCommand, CancellationToken, Task<CommandReply>> OnLogs { get; init; } =
        (_, _, _) => Task.FromResult(new CommandReply());

    public Func<FleetSnapshot> OnList { get; init; } = () => new FleetSnapshot { Daemon = Info };

    public static DaemonInfo Info => new() { Version = Version, Home = "/home", Pid = 42 };

    public FakeService For(IClientNotices notices) => this with { Notices = notices };

    public Task<DaemonInfo> PingAsync(PingCommand command, CancellationToken cancellation) => Task.FromResult(Info);

    public Task<CommandReply> StartAsync(FleetCommand command, CancellationToken cancellation) => OnFleet(this, command, cancellation);

    public Task<CommandReply> ReloadAsync(FleetCommand command, CancellationToken cancellation) => OnFleet(this, command, cancellation);

    public Task<CommandReply> RestartAsync(FleetCommand command, CancellationToken cancellation) => OnFleet(this, command, cancellation);

    public Task<CommandReply> StopAsync(FleetCommand command, CancellationToken cancellation) => OnFleet(this, command, cancellation);

    public Task<CommandReply> DeleteAsync(FleetCommand command, CancellationToken cancellation) => OnFleet(this, command, cancellation);

    public Task<CommandReply> WatchAsync(WatchCommand command, CancellationToken cancellation) => Task.FromResult(new CommandReply());

    public Task<CommandReply> ScaleAsync(ScaleCommand command, CancellationToken cancellation) => Task.FromResult(new CommandReply());

    public Task<CommandReply> ResetAsync(FleetCommand command, CancellationToken cancellation) => OnFleet(this, command, cancellation);

    public Task<CommandReply> FlushAsync(FleetCommand command, CancellationToken cancellation) => OnFleet(this, command, cancellation);

    public Task<CommandReply> ReloadLogsAsync(FleetCommand command, CancellationToken cancellation) => OnFleet(this, command, cancellation);

    public Task<CommandReply> SignalAsync(SignalCommand command, CancellationToken cancellation) => Task.FromResult(new CommandReply());

    public Task<CommandReply> SendLineAsync(SendLineCommand command, CancellationToken cancellation) => Task.FromResult(new CommandReply());

    public Task<FleetSnapshot> ListAsync(ListCommand command, CancellationToken cancellation) => Task.FromResult(OnList());

    public Task<CommandReply> LogsAsync(LogsCommand command, CancellationToken cancellation) => OnLogs(this, command, cancellation);

    public Task<CommandReply> SaveAsync(SaveCommand command, CancellationToken cancellation) => Task.FromResult(new CommandReply());

    public Task<CommandReply> ResurrectAsync(ResurrectCommand command, CancellationToken cancellation) => Task.FromResult(new CommandReply());

    public Task<CommandReply> UpdateAsync(UpdateCommand command, CancellationToken cancellation) => Task.FromResult(new CommandReply());

    public Task<CommandReply> KillAsync(KillCommand command, CancellationToken cancellation) => Task.FromResult(new CommandReply());
}
