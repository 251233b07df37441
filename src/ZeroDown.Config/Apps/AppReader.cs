using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>Walks an app's keys through the option table into a draft; then the flags, which win.</summary>
internal static class AppReader
{
    private const string EnvironmentPrefix = "env_";

    public static AppDraft Read(MappingNode mapping, ValueReader reader)
    {
        var draft = new AppDraft(mapping.Entries is [var first, ..] ? first.Key.Place : mapping.Place);
        ShellSwitches.Apply(draft, reader);
        foreach (var (key, value, _) in Spellings.Taken(mapping, reader))
        {
            if (key.Value.StartsWith("x-", StringComparison.Ordinal))
                continue;
            if (AppOptions.Find(key.Value) is { } option)
            {
                Apply(option, value, draft, reader);
            }
            else if (key.Value.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) && key.Value.Length > EnvironmentPrefix.Length)
            {
                NamedEnvironment(key.Value[EnvironmentPrefix.Length..], value, draft, reader);
            }
            else
            {
                ForeignKeys.Take(key, reader);
            }
        }

        ForkIfAsked(draft);
        Override(draft, reader);
        return draft;
    }

    /// <summary>Applies the flags of the command line over what the draft has.</summary>
    public static void Override(AppDraft draft, ValueReader reader)
    {
        foreach (var given in reader.Context.Overrides)
            Apply(given, draft, reader);
    }

    public static void Apply(GivenOption given, AppDraft draft, ValueReader reader)
    {
        var place = Place.OfFlag(given.Flag);
        if (AppOptions.Find(given.Option) is not { } option)
        {
            reader.Problems.Error(place, $"unknown option '{given.Option}'", AppOptions.DidYouMean(given.Option));
            return;
        }

        option.Applier(given is { Values: [var single], IsList: false } ? Literal(place, single) : List(place, given.Values), draft, reader);
        ForkIfAsked(draft);
    }

    /// <summary>Words that a shell has split already: even a single one is not split again.</summary>
    public static void ApplyWords(string option, string flag, IEnumerable<string> words, AppDraft draft, ValueReader reader) =>
        AppOptions.Find(option)!.Applier(List(Place.OfFlag(flag), words), draft, reader);

    /// <summary>pm2's older word for fork mode wins over exec_mode in the same file; of the flags the last one wins.</summary>
    private static void ForkIfAsked(AppDraft draft)
    {
        if (draft.ExecuteCommand is { Value: true } asked)
            (draft.ExecMode, draft.ExecuteCommand) = (new(ExecMode.Fork, asked.Place), null);
    }

    private static SequenceNode List(Place place, IEnumerable<string> values) => new(place, [.. values.Select(v => Literal(place, v))]);

    private static ScalarNode Literal(Place place, string value) => new(place, value, IsPlain: false, IsLiteral: true);

    private static void Apply(AppOption option, ConfigNode value, AppDraft draft, ValueReader reader)
    {
        // "key:" without a value is how YAML says nothing. The log files' NULL is pm2's word for "nowhere".
        if (value is ScalarNode { IsNull: true, Value: not "NULL" } || (value is ScalarNode { IsNull: true } && option.Type != "text"))
            return;
        if (reader.IsPm2File)
            Pm2Value.Apply(option, value, draft, reader);
        else
            option.Applier(value, draft, reader);
    }

    private static void NamedEnvironment(string name, ConfigNode value, AppDraft draft, ValueReader reader)
    {
        // The blocks of other environments stay unread: their variables need not be set here.
        if (name == reader.Context.EnvironmentName && value is not ScalarNode { IsNull: true })
            reader.With(FirmnessOfVariables(value, reader), () => AppOptions.Environment(value, reader, v => draft.SelectedEnvironment = v));
        else if (name == "file" && value is ScalarNode)
            reader.Problems.Warning(value.Place, "nothing reads env_file, here or in pm2; ignored", "node reads it with node_args: --env-file=.env");
        else if (value is not (MappingNode or ScalarNode { IsNull: true }))
            reader.With(FirmnessOfVariables(value, reader), () => reader.Wrong(value, "a mapping of variables"));
    }

    private static Firmness FirmnessOfVariables(ConfigNode value, ValueReader reader) =>
        reader.IsPm2File && Pm2Schema.Takes(Pm2Schema.Kinds.Text | Pm2Schema.Kinds.Map, value) ? Firmness.Warning : Firmness.Error;
}
