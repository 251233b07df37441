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
        if (definition.IncrementVariable is { } increment
            && variables.TryGetValue(increment, out var first)
            && long.TryParse(first, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var start))
        {
            variables[increment] = (start + slot).ToString(CultureInfo.InvariantCulture);
        }

        return variables;
    }
}
