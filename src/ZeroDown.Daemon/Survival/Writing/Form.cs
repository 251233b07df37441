using System.Text.Json;
using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>
/// How one type of the fleet's state is written as JSON and read again. Tables of forms stand where reflection or generated
/// code could: Core stays free of JSON, and what is missing in an older text gets the value that Core gives it, which the
/// source-generated reader cannot do for init-only properties (it gives them their type's zero).
/// </summary>
internal abstract class Form<T>
{
    public abstract void Write(Utf8JsonWriter to, T value, SpecTable specs);

    /// <param name="from">Stands on the value's first token, and on its last afterwards.</param>
    /// <param name="specs">Specs by their number.</param>
    public abstract T Read(ref Utf8JsonReader from, SpecTable specs);
}

/// <summary>The specs of a fleet. Many workers share one, with an environment of several kilobytes, so it is written once and else named
/// by its number.</summary>
internal abstract class SpecTable
{
    public abstract int NumberOf(AppSpec spec);

    public abstract AppSpec Of(int number);
}

/// <summary>For what has no specs in it.</summary>
internal sealed class NoSpecs : SpecTable
{
    public static readonly NoSpecs Instance = new();

    public override int NumberOf(AppSpec spec) => throw new NotSupportedException();

    public override AppSpec Of(int number) => throw new NotSupportedException();
}
