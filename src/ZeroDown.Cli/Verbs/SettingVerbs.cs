using System.CommandLine;
using ZeroDown.Cli.Settings;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// What the verbs of pm2's store share. One kind of key has a meaning here: <c>zd set app:NAME value</c> is a variable of that app. It wins over the
/// file at each start and reload, and an app that runs is rolled to it.
/// </summary>
internal abstract class SettingVerb : FleetVerb
{
    protected static SettingsFile File(Invocation call) => new(call.Shell.Home);

    protected static async Task<int> SetAsync(IReadOnlyList<(string Key, string Value)> pairs, Invocation call)
    {
        foreach (var (key, value) in pairs)
        {
            if (SettingKey.Problem(key) is { } problem)
                throw new CommandException(ExitCode.WrongUsage, Screen.Safe(problem));
            if (value.Contains('\0'))
                throw new CommandException(ExitCode.WrongUsage, "a value cannot hold a NUL character");
        }

        var settings = File(call).Read();
        foreach (var (key, value) in pairs)
            settings[key] = value;
        File(call).Write(settings);
        foreach (var (key, value) in pairs)
            call.Shell.Screen.Answer($"{Screen.Safe(key)} = {Screen.Safe(value)}");

        var variables = pairs.Select(pair => (Key: SettingKey.Split(pair.Key), pair.Value)).Where(pair => pair.Key is { } key && !SettingKey.IsForeign(key.Owner))
            .GroupBy(pair => pair.Key!.Value.Owner, pair => KeyValuePair.Create(pair.Key!.Value.Name, pair.Value)).ToArray();
        foreach (var (key, _) in pairs)
        {
            if (SettingKey.Split(key) is not var (owner, _))
                call.Shell.Screen.Say($"'{Screen.Safe(key)}' is kept; nothing in zd reads it. A variable of an app is app:NAME");
            else if (owner is "pm2-logrotate")
                call.Shell.Screen.Say($"'{Screen.Safe(key)}' is kept; nothing in zd reads it. Log files are rotated by the system: zd logrotate");
            else if (SettingKey.IsForeign(owner))
                call.Shell.Screen.Say($"'{Screen.Safe(key)}' is kept; it is for {Screen.Safe(owner)}, and nothing in zd reads it");
        }

        return variables.Length == 0 ? ExitCode.Done : await RollAsync(variables, call);
    }

    private static async Task<int> RollAsync(IGrouping<string, KeyValuePair<string, string>>[] variables, Invocation call)
    {
        await using var connection = await call.Door.FindAsync(Board(call), call.Cancellation);
        var fleet = connection is null ? null : await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation);
        var changes = new List<AppDefinition>();
        foreach (var app in variables)
        {
            if (Array.Find(fleet?.Apps ?? [], known => known.Definition.Name == app.Key) is not { } known)
            {
                call.Shell.Screen.Say($"no app is called '{Screen.Safe(app.Key)}' now; one that is started under that name gets it");
                continue;
            }

            foreach (var (name, value) in app)
                known.Definition.Environment[name] = value;
            known.Definition.DeclaredVariables = [.. known.Definition.DeclaredVariables.Union(app.Select(variable => variable.Key))];
            changes.Add(known.Definition);
        }

        // One that is stopped takes it along when it is started; nothing has to be replaced for it.
        var running = changes.Where(change => fleet!.Apps.First(app => app.Definition.Name == change.Name).Slots.Any(slot => slot.Worker is not null)).ToArray();
        foreach (var stopped in changes.Except(running))
            call.Shell.Screen.Say($"{Screen.Safe(stopped.Name)} is stopped; a start from its file takes the variable along");
        return running.Length == 0
            ? ExitCode.Done
            : await FinishAsync(
                await connection!.Daemon.ReloadAsync(new FleetCommand { Targets = [.. running.Select(app => app.Name)], Changes = running }, call.Cancellation), connection, call);
    }

    protected static void Show(IEnumerable<KeyValuePair<string, string>> settings, Invocation call)
    {
        foreach (var (key, value) in settings)
            call.Shell.Screen.Answer($"{Screen.Safe(key)} = {Screen.Safe(value)}");
    }

    protected static CommandException Unknown(string key, SortedDictionary<string, string> settings) => new(ExitCode.Failed, Absent(key, settings));

    protected static string Absent(string key, SortedDictionary<string, string> settings) =>
        Screen.Safe($"there is no key '{key}'; {Nearest.Hint(key, settings.Keys) ?? "zd conf shows those that there are"}");
}

/// <summary><c>zd set</c>.</summary>
internal sealed class SetVerb : SettingVerb
{
    public override string Name => "set";

    public override string Summary => "keeps a variable for an app: it wins over the file, and the app is rolled to it";

    public override string[] Examples => ["zd set api:LOG_LEVEL debug"];

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string>("key") { Description = "app:NAME; pm2's other keys are kept too, and nothing reads them" });
        command.Arguments.Add(new Argument<string>("value"));
    }

    public override Task<int> RunAsync(Invocation call) => SetAsync([(call.Parsed.GetValue<string>("key")!, call.Parsed.GetValue<string>("value")!)], call);
}

/// <summary><c>zd multiset</c>.</summary>
internal sealed class MultisetVerb : SettingVerb
{
    public override string Name => "multiset";

    public override string Summary => "several keys at once, each followed by its value";

    public override string[] Examples => ["zd multiset \"api:LOG_LEVEL debug api:REGION eu\""];

    public override void Declare(Command command) => command.Arguments.Add(new Argument<string[]>("pairs") { Arity = ArgumentArity.OneOrMore, Description = "key value key value …" });

    public override Task<int> RunAsync(Invocation call)
    {
        string[] typed = call.Parsed.GetValue<string[]>("pairs")!;
        string[] words = [.. typed is [var line] ? line.Split(' ', StringSplitOptions.RemoveEmptyEntries) : typed];
        return words.Length % 2 == 0 && words.Length > 0
            ? SetAsync([.. words.Chunk(2).Select(pair => (pair[0], pair[1]))], call)
            : throw new CommandException(ExitCode.WrongUsage, $"'{Screen.Safe(words[^1])}' has no value: each key is followed by one");
    }
}

/// <summary><c>zd get</c>: the value alone, for scripts.</summary>
internal sealed class GetVerb : SettingVerb
{
    public override string Name => "get";

    public override string Summary => "the value of a key that is kept";

    public override string[] Examples => ["zd get api:LOG_LEVEL", "zd get      all of them"];

    public override bool Waits => false;

    public override void Declare(Command command) => command.Arguments.Add(new Argument<string?>("key") { Arity = ArgumentArity.ZeroOrOne });

    public override Task<int> RunAsync(Invocation call)
    {
        var settings = File(call).Read();
        if (call.Parsed.GetValue<string?>("key") is not { } key)
            Show(settings, call);
        else
            call.Shell.Screen.Answer(Screen.Safe(settings.GetValueOrDefault(key) ?? throw Unknown(key, settings)));
        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary><c>zd conf</c>: what is kept, of one owner or of all; with a value the same as set.</summary>
internal sealed class ConfVerb : SettingVerb
{
    public override string Name => "conf";

    public override string[] Aliases => ["config"];

    public override string Summary => "what zd set keeps; with a value, the same as set";

    public override string[] Examples => ["zd conf", "zd conf api        of one app", "zd conf api:LOG_LEVEL debug"];

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string?>("key") { Arity = ArgumentArity.ZeroOrOne });
        command.Arguments.Add(new Argument<string?>("value") { Arity = ArgumentArity.ZeroOrOne });
    }

    public override Task<int> RunAsync(Invocation call)
    {
        var key = call.Parsed.GetValue<string?>("key");
        if (key is not null && call.Parsed.GetValue<string?>("value") is { } value)
            return SetAsync([(key, value)], call);
        var settings = File(call).Read();
        var shown = settings.Where(setting => key is null || setting.Key == key || SettingKey.Split(setting.Key)?.Owner == key).ToArray();
        if (shown.Length == 0 && key is not null)
            throw Unknown(key, settings);
        if (shown.Length == 0)
            call.Shell.Screen.Say("nothing is kept; zd set app:NAME value");
        Show(shown, call);
        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary><c>zd unset</c>.</summary>
internal sealed class UnsetVerb : SettingVerb
{
    public override string Name => "unset";

    public override string Summary => "forgets a key, or all";

    public override string[] Examples => ["zd unset api:LOG_LEVEL", "zd unset all"];

    public override bool Waits => false;

    public override void Declare(Command command) => command.Arguments.Add(new Argument<string>("key") { Description = "a key, or all" });

    public override Task<int> RunAsync(Invocation call)
    {
        var settings = File(call).Read();
        var key = call.Parsed.GetValue<string>("key")!;
        if (key == "all")
        {
            settings.Clear();
        }
        else if (!settings.Remove(key))
        {
            // As in pm2: what is wanted is the case already.
            call.Shell.Screen.Say(Absent(key, settings));
            return Task.FromResult(ExitCode.Done);
        }

        File(call).Write(settings);
        call.Shell.Screen.Answer($"{Screen.Safe(key)} is forgotten");
        if (SettingKey.Split(key) is var (owner, _) && !SettingKey.IsForeign(owner))
            call.Shell.Screen.Say($"workers that run keep it; a reload with the file of {Screen.Safe(owner)} takes it away");
        return Task.FromResult(ExitCode.Done);
    }
}
