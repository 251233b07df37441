using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary>pm2's <c>--sort field:order</c>. Rows that are equal in the field keep the order of their ids.</summary>
internal sealed class FleetOrder
{
    private static readonly (string Name, Func<AppView, SlotView, IComparable> Value)[] Fields =
    [
        ("name", (app, _) => app.Definition.Name),
        ("namespace", (app, _) => app.Definition.Namespace),
        ("pid", (_, slot) => slot.Worker?.Pid ?? 0),
        ("id", (_, slot) => slot.PmId),
        ("cpu", (_, slot) => slot.Worker?.CpuPercent ?? 0),
        ("memory", (_, slot) => slot.Worker?.MemoryBytes ?? 0),
        ("uptime", (_, slot) => slot.Worker?.StartedAtMs ?? slot.CreatedAtMs),
        ("status", (_, slot) => slot.Status),
        ("restarts", (_, slot) => slot.Restarts),
    ];

    private readonly Func<AppView, SlotView, IComparable> _value;
    private readonly bool _descending;

    private FleetOrder(Func<AppView, SlotView, IComparable> value, bool descending) => (_value, _descending) = (value, descending);

    public static FleetOrder ByName { get; } = new(Fields[0].Value, descending: false);

    public static string Names => string.Join(", ", Fields.Select(known => known.Name));

    /// <summary>Null for what is no field, or an order that is neither asc nor desc.</summary>
    public static FleetOrder? Find(string text)
    {
        var parts = text.Split(':');
        var (name, value) = Array.Find(Fields, known => known.Name.Equals(parts[0], StringComparison.OrdinalIgnoreCase));
        return (name, parts.ElementAtOrDefault(1)?.ToLowerInvariant()) switch
        {
            (null, _) => null,
            (_, null or "asc") => new(value, descending: false),
            (_, "desc") => new(value, descending: true),
            _ => null,
        };
    }

    public (AppView App, SlotView Slot)[] Rows(FleetSnapshot fleet)
    {
        var rows = fleet.Apps.SelectMany(app => app.Slots.Select(slot => (App: app, Slot: slot))).OrderBy(row => row.Slot.PmId).ToList();
        return [.. _descending ? rows.OrderByDescending(Value, Comparison) : rows.OrderBy(Value, Comparison)];
    }

    /// <summary>Words by their letters' numbers, as everywhere; not by the language of whoever looks.</summary>
    private static Comparer<IComparable> Comparison { get; } = Comparer<IComparable>.Create((one, other) =>
        one is string text ? string.CompareOrdinal(text, (string)other) : one.CompareTo(other));

    private IComparable Value((AppView App, SlotView Slot) row) => _value(row.App, row.Slot);
}
