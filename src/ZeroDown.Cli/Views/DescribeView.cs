using System.Globalization;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary><c>zd describe</c>: all that is known of a slot, in sections.</summary>
internal sealed class DescribeView(Screen screen, DateTimeOffset now, string user, IReadOnlyDictionary<string, string> shell, Func<int, IReadOnlyList<string>> tree)
{
    /// <summary>Different in each shell, and of no meaning to a worker.</summary>
    private static readonly string[] OfEveryShell = ["_", "OLDPWD", "PWD", "SHLVL", "TERM", "COLUMNS", "LINES", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "WINDOWID"];

    public void Write(FleetSnapshot fleet)
    {
        foreach (var app in fleet.Apps)
        {
            foreach (var slot in app.Slots)
                Write(app, slot);
            WriteFailedReload(app);
            WriteListeners(app);
            WriteDraining(app);
            WriteDivergent(app);
            var name = Screen.Safe(app.Definition.Name);
            screen.Answer($"What it prints: zd logs {name}. Its environment: zd env {name}. Everything as JSON: zd jlist\n");
        }
    }

    private void Write(AppView app, SlotView slot)
    {
        var it = app.Definition;
        screen.Answer($"Describing process with id {slot.PmId} - name {Screen.Safe(it.Name)}");
        Section(
        [
            ("status", slot.Status),
            ("name", it.Name),
            ("namespace", it.Namespace),
            ("version", it.Version ?? "N/A"),
            ("slot", Number(slot.Slot)),
            ("generation", Number(slot.Worker?.Generation ?? app.Generation)),
            ("pid", slot.Worker is { } running ? Number(running.Pid) : null),
            ("process tree", slot.Worker is { Pid: > 0 } leader ? Tree(leader.Pid) : null),
            ("restarts", Number(slot.Restarts)),
            ("unstable restarts", Number(slot.UnstableRestarts)),
            ("uptime", slot.Worker is { } worker ? Units.Uptime(now - At(worker.StartedAtMs)) : "0"),
            ("says of itself", slot.Worker?.StatusText),
            ("memory", slot.Worker is { } used ? Units.Memory(used.MemoryBytes) : null),
            ("last exit", LastExit(slot)),
            .. slot.LastFailure is { } failure ? Facts("last failure", failure) : [],
            ("max memory", it.Upkeep?.MaxMemoryBytes is { } most ? Units.Memory(most) : null),
            ("cron", it.Upkeep?.Cron),
            ("watch & reload", it.Upkeep?.Watch is { Enabled: true } watch ? string.Join(' ', watch.Paths) : "disabled"),
            ("script path", it.Script),
            ("script args", Words(it.ScriptArguments)),
            ("interpreter", it.Interpreter),
            ("interpreter args", Words(it.InterpreterArguments)),
            ("node.js version", it.NodeVersion),
            ("executed", $"{it.Program} {string.Join(' ', it.Arguments)}".TrimEnd()),
            ("exec cwd", it.WorkingDirectory),
            ("exec mode", $"{it.ExecMode}_mode"),
            ("script id", Number(slot.PmId)),
            ("error log path", slot.ErrorLog),
            ("out log path", slot.OutLog),
            ("entire log path", slot.CombinedLog),
            ("pid path", slot.PidFile),
            ("node env", it.Environment.GetValueOrDefault("NODE_ENV")),
            ("user", it.RunAs?.Name ?? user),
            ("created at", Moment(slot.CreatedAtMs)),
        ]);
        screen.Answer("Process configuration");
        Section(
        [
            ("instances", app.ScaledToZero ? $"0 (scaled to 0; zd start {it.Name} brings back {Number(it.Instances)})" : Number(it.Instances)),
            ("ready when", ReadyWhen(it)),
            ("listen_timeout", Units.Duration(it.ListenTimeoutMs)),
            ("min_ready", it.MinReadyMs is { } least ? Units.Duration(least) : null),
            ("drain_timeout", Units.Duration(it.DrainTimeoutMs)),
            ("kill_timeout", Units.Duration(it.KillTimeoutMs)),
            ("kill_signal", it.StopSignal),
            ("reload.surge", it.Surge is { } surge ? Number(surge) : null),
            ("reload.overlap", it.Overlap is { } overlap ? overlap ? "true" : "false" : null),
            ("autorestart", it.Autorestart ? "true" : "false"),
            ("min_uptime", Units.Duration(it.MinUptimeMs)),
            ("max_restarts", Number(it.MaxRestarts)),
            ("restart_delay", it.RestartDelayMs > 0 ? Units.Duration(it.RestartDelayMs) : null),
            ("exp_backoff_restart_delay", it.BackoffDelayMs is { } backoff ? Units.Duration(backoff) : null),
            ("stop_exit_codes", Words([.. it.StopExitCodes.Select(code => Number(code))])),
            ("env of the shell", ShellVariables.Said(it, user)),
            ("env of the file", Words([.. it.DeclaredVariables.Order(StringComparer.Ordinal)])),
        ]);
    }

    /// <summary>Null where the worker has started nothing.</summary>
    private string? Tree(int pid) => tree(pid) is { Count: > 1 } processes ? string.Join(", ", processes) : null;

    private void WriteFailedReload(AppView app)
    {
        if (app.FailedReload is not { } failed)
            return;
        screen.Answer($"The last reload failed (to generation {failed.Generation})");
        Section([.. Facts("reason", failed)]);
    }

    private static IEnumerable<(string Name, string? Value)> Facts(string name, FailureView failure) =>
    [
        (name, failure.Reason),
        ("failed at", Moment(failure.AtMs)),
        .. failure.LastWords.Select((line, index) => (index == 0 ? "last words" : "", (string?)line)),
    ];

    private static string Moment(long unixMs) => At(unixMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private void WriteListeners(AppView app)
    {
        if (app.Listeners.Length == 0)
            return;
        screen.Answer("Listeners (open across restart and reload)");
        Section([.. app.Listeners.Select(listener => (
            Screen.Safe(listener.Name),
            (string?)$"{listener.BoundAddress ?? listener.Address + " (closed)"}{(listener.Queue is > 0 ? $", {listener.Queue} connections wait" : "")}"))]);
    }

    private void WriteDraining(AppView app)
    {
        WriteBeside("Old workers that finish what they hold", app.Draining.Where(worker => !worker.Newcomer), worker => worker.Connections switch
        {
            null => "connections not counted",
            1 => "1 connection",
            var several => $"{several} connections",
        });
        WriteBeside("New workers of a reload that do not serve", app.Draining.Where(worker => worker.Newcomer), worker => worker.Status);
    }

    private void WriteBeside(string title, IEnumerable<WorkerView> workers, Func<WorkerView, string> state)
    {
        (string, string?)[] facts = [.. workers.Select(worker => (
            FleetTable.IdBeside(worker), (string?)$"pid {worker.Pid}, generation {worker.Generation}, {Screen.Safe(state(worker))}"))];
        if (facts.Length == 0)
            return;
        screen.Answer(title);
        Section(facts);
    }

    /// <summary>What the workers were started with and this shell says otherwise: it is what --update-env would change.</summary>
    private void WriteDivergent(AppView app)
    {
        var declared = app.Definition.DeclaredVariables;
        var divergent = app.Definition.Environment
            .Where(variable => !declared.Contains(variable.Key) && !OfEveryShell.Contains(variable.Key)
                && shell.TryGetValue(variable.Key, out var here) && here != variable.Value)
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .ToArray();
        if (divergent.Length == 0)
            return;
        screen.Answer("Divergent env variables from local env");
        Section([.. divergent.Select(variable => (Screen.Safe(variable.Key), (string?)variable.Value))]);
    }

    private void Section((string Name, string? Value)[] facts)
    {
        var known = facts.Where(fact => !string.IsNullOrEmpty(fact.Value)).ToArray();
        var width = known.Max(fact => fact.Name.Length);
        foreach (var (name, value) in known)
        {
            var shown = Screen.Safe(value!);
            screen.Answer($"  {name.PadRight(width)}  {(name == "status" ? screen.Paint(shown, StatusColor.Of(shown), screen.OutIsTerminal) : shown)}");
        }

        screen.Answer("");
    }

    private static string? LastExit(SlotView slot) => (slot.LastExitSignal, slot.LastExitCode) switch
    {
        ({ } signal, _) => $"signal {signal}",
        (null, { } code) => $"code {code}",
        _ => null,
    };

    private static string ReadyWhen(AppDefinition it) => it.ReadySign switch
    {
        "listening" => "it accepts on its socket",
        "spoken" => "it says so (wait_ready), or listens at listen_timeout",
        "spokenStrict" => "it says so (wait_ready: strict)",
        _ => "it is up and stays",
    };

    private static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    private static string Words(string[] words) => string.Join(' ', words);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
