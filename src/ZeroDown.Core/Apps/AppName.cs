namespace ZeroDown.Core.Apps;

/// <summary>The name of an app: what users type, ordinal and case-sensitive. Never empty.</summary>
public readonly record struct AppName(string Value) : IComparable<AppName>
{
    public int CompareTo(AppName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;

    public static bool operator <(AppName left, AppName right) => left.CompareTo(right) < 0;

    public static bool operator >(AppName left, AppName right) => left.CompareTo(right) > 0;

    public static bool operator <=(AppName left, AppName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(AppName left, AppName right) => left.CompareTo(right) >= 0;
}
