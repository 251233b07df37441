using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>The options of pm2's hosted service. There is none here, and a file that has them must start: one warning for all of them.</summary>
internal static class Pm2Service
{
    public static ImmutableArray<AppOption> Options { get; } =
    [
        // On unless said otherwise, so "on" says nothing either.
        Row("pmx", off: ["true", "false"]),
        Row("automation", off: ["true", "false"]),
        Row("trace"),
        Row("disable_trace", off: ["true", "false"]),
        Row("v8"),
        Row("event_loop_inspector"),
        Row("deep_monitoring"),
        Row("io"),
        Row("axm_options"),
    ];

    /// <summary>Says once what was found, and where the first of it is.</summary>
    public static void Warn(ValueReader reader)
    {
        if (reader.ServiceOptions is not [var (_, place), ..] all)
            return;
        var names = string.Join(", ", all.Select(o => o.Option.Name).Distinct());
        reader.Problems.Warning(place, $"{names}: for pm2's hosted service, which is not here; ignored");
    }

    private static AppOption Row(string name, string[]? off = null) =>
        new(name, [], "any", null, "pm2's hosted service; ignored", (node, _, reader) =>
        {
            if (!Silence.IsOff(node, off ?? ["false", "0", "null", ""]))
                reader.ServiceOptions.Add((AppOptions.Find(name)!, node.Place));
        }, isSupported: false);
}
