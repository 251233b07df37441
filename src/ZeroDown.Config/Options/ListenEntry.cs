using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>One entry of <c>listen:</c>, an address alone or <c>{name, address, backlog, mode}</c>.</summary>
internal static class ListenEntry
{
    private const int MaxNameLength = 255;
    private static readonly string[] Keys = ["name", "address", "backlog", "mode"];

    public static ListenDraft? Read(ConfigNode node, ValueReader reader)
    {
        if (node is ScalarNode)
            return Address(node, reader) is { } alone ? new(alone, null, ListenerSpec.DefaultBacklog, node.Place) : null;
        if (node is not MappingNode mapping)
        {
            reader.Wrong(node, "an address or {name, address, backlog, mode}");
            return null;
        }

        string? name = null;
        var backlog = ListenerSpec.DefaultBacklog;
        ListenAddressText? address = null;
        (ConfigNode Node, int Bits)? mode = null;
        foreach (var (key, value, _) in mapping.Entries)
        {
            switch (key.Value)
            {
                case "name" when reader.Word(value, out var text):
                    name = Name(value, text, reader);
                    break;
                case "address":
                    address = Address(value, reader);
                    break;
                case "backlog" when reader.Number(value, 1, 1 << 20, out var number):
                    backlog = number;
                    break;
                case "mode" when Mode(value, reader) is { } bits:
                    mode = (value, bits);
                    break;
                case var other when !Keys.Contains(other):
                    reader.Fail(key, $"unknown key '{Printable.Short(other)}' in listen", Nearest.Hint(other, Keys));
                    break;
            }
        }

        if (mapping.Find("address") is null && mapping.Entries.All(e => Keys.Contains(e.Key.Value)))
            reader.Fail(node, "this entry has no 'address'");
        if (address is { } given && mode is { } permission)
        {
            if (given.Address is ListenerAddress.Unix unix)
                address = new(unix with { Mode = permission.Bits });
            else
                reader.Fail(permission.Node, "only a unix socket has a mode");
        }

        return address is null ? null : new(address.Value, name, backlog, node.Place);
    }

    private static ListenAddressText? Address(ConfigNode node, ValueReader reader)
    {
        if (!reader.Word(node, out var text))
            return null;
        if (ListenAddressText.Parse(text, reader.Context.ResolveHost, out var message, out var hint) is { } address)
            return address;
        reader.Fail(node, message, hint);
        return null;
    }

    private static string? Name(ConfigNode node, string name, ValueReader reader)
    {
        if (name.Length <= MaxNameLength && name.All(IsNameCharacter))
            return name;
        reader.Fail(node, $"'{Printable.Short(name)}' cannot be a listener's name", "letters, digits, '-', '_' and '.', at most 255 of them");
        return null;
    }

    public static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';

    /// <summary>Octal, as chmod takes it: <c>660</c>, <c>"0660"</c>, <c>0o660</c>.</summary>
    private static int? Mode(ConfigNode node, ValueReader reader)
    {
        if (!reader.Word(node, out var text))
            return null;
        var digits = text.StartsWith("0o", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        if (digits.Length is 3 or 4 && digits.All(c => c is >= '0' and <= '7'))
        {
            var bits = digits.Aggregate(0, (sum, c) => (sum * 8) + (c - '0'));
            if (bits <= 0x1ff)
                return bits;
        }

        reader.Fail(node, $"expected permission bits like 660, got {node.Kind}");
        return null;
    }
}
