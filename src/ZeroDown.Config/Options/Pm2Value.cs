namespace ZeroDown.Config;

/// <summary>
/// A value of a JavaScript or JSON file on its way to its option: off where pm2 takes it for off, a number where pm2 reads one. What
/// pm2 starts with and what says nothing here is a warning at most.
/// </summary>
internal static class Pm2Value
{
    public static void Apply(AppOption option, ConfigNode value, AppDraft draft, ValueReader reader)
    {
        if (Pm2Schema.KindsOf(option) is not { } kinds)
        {
            option.Applier(value, draft, reader);
            return;
        }

        if (Pm2Schema.IsOff(value) && IsDropped(option, kinds, (ScalarNode)value))
            return;
        value = option.Name == "execute_command" ? Flag(value) : Number(option, kinds, value, reader);
        var firmness = Pm2Schema.IsOff(value) ? Firmness.Silent : Pm2Schema.Takes(kinds, value) ? Firmness.Warning : Firmness.Error;
        reader.With(firmness, () => option.Applier(value, draft, reader));
    }

    /// <summary>An empty text says nothing, nor does "off" in an option that is never on or off. pm2's <c>instances: ""</c> is one per CPU.</summary>
    private static bool IsDropped(AppOption option, Pm2Schema.Kinds kinds, ScalarNode off) => off switch
    {
        { Value: "" } => option.Name != "instances",
        { Value: "0" } => !kinds.HasFlag(Pm2Schema.Kinds.Number) || option.Name == "port",
        { Value: "false" } => !kinds.HasFlag(Pm2Schema.Kinds.Flag),
        _ => true,
    };

    /// <summary>pm2 asks whether it equals true, and in JavaScript 1 does.</summary>
    private static ConfigNode Flag(ConfigNode value) =>
        (value is SequenceNode { Items: [var only] } ? only : value) is ScalarNode scalar && JsNumber.TryParse(scalar.Value, out var number) && number == 1
            ? scalar with { Value = "true", IsPlain = true }
            : value;

    private static ConfigNode Number(AppOption option, Pm2Schema.Kinds kinds, ConfigNode value, ValueReader reader)
    {
        if (!kinds.HasFlag(Pm2Schema.Kinds.Number) || option.Name == "instances")
            return value;
        if (value is SequenceNode { Items: [ScalarNode only] } && !kinds.HasFlag(Pm2Schema.Kinds.List))
            value = only;
        if (value is not ScalarNode scalar || !JsNumber.TryParse(scalar.Value, out var number))
            return value;
        if (option.Type.StartsWith("number", StringComparison.Ordinal) && number != Math.Truncate(number))
        {
            number = Math.Truncate(number);
            reader.Problems.Warning(value.Place, $"{option.Name}: {Printable.Short(scalar.Value, 20)} is taken as {JsNumber.Format(number)}");
        }

        return scalar with { Value = JsNumber.Format(number) };
    }
}

/// <summary>What becomes of a value that cannot be read.</summary>
internal enum Firmness
{
    /// <summary>A mistake; nothing is started.</summary>
    Error,

    /// <summary>Said and ignored.</summary>
    Warning,

    /// <summary>Ignored.</summary>
    Silent,
}
