using System.Globalization;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary>The recorded variables as a worker of one slot has them; what the daemon adds for itself is left out.</summary>
internal static class SlotEnvironment
{
    public static SortedDictionary<string, string> Of(AppDefinition definition, int slot)
    {
        var variables = new SortedDictionary<string, string>(definition.Environment, StringComparer.Ordinal)
        {
            [definition.InstanceVariable] = slot.ToString(CultureInfo.InvariantCulture),
        };
        if (definition.IncrementVariable is { } increment)
        {
            // As in pm2, what is not there or no number counts from 0.
            _ = long.TryParse(variables.GetValueOrDefault(increment), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var start);
            variables[increment] = (start + slot).ToString(CultureInfo.InvariantCulture);
        }

        return variables;
    }
}
