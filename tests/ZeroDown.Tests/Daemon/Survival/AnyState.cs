using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Daemon.Survival;

/// <summary>
/// Makes records whose every property, down to the last, has a value that no other has, and compares two records property by
/// property. By reflection, so that a property which is added to Core is seen here without anybody thinking of it.
/// </summary>
internal sealed class AnyState(bool truth)
{
    private const int Deepest = 24;

    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = [];

    private readonly Dictionary<Type, int> _cases = [];
    private int _count;
    private int _depth;

    /// <summary>Every type of Core that was made.</summary>
    public HashSet<Type> Made { get; } = [];

    public T Make<T>() => (T)Make(typeof(T))!;

    /// <summary>Null when both are the same, else the way to the first difference.</summary>
    public static string? Difference(object? left, object? right, string path = "")
    {
        if (ReferenceEquals(left, right))
            return null;
        if (left is IPAddress && left.Equals(right))
            return null;
        if (left is null || right is null || left.GetType() != right.GetType())
            return $"{path}: {left ?? "null"} is not {right ?? "null"}";
        if (left is string || !IsOurs(left.GetType()) && left is not IEnumerable)
            return left.Equals(right) ? null : $"{path}: {left} is not {right}";
        if (left is ImmutableDictionary<ListenerAddress, Listener> listeners)
            return Difference(Ordered(listeners), Ordered((ImmutableDictionary<ListenerAddress, Listener>)right), path);
        if (left is IEnumerable items)
        {
            var (mine, theirs) = (Items(items), Items((IEnumerable)right));
            if (mine.Count != theirs.Count)
                return $"{path}: {mine.Count} items are not {theirs.Count}";
            return mine.Select((item, index) => Difference(item, theirs[index], $"{path}[{index}]")).FirstOrDefault(difference => difference is not null);
        }

        return Properties(left.GetType())
            .Select(property => Difference(property.GetValue(left), property.GetValue(right), $"{path}.{property.Name}"))
            .FirstOrDefault(difference => difference is not null);
    }

    /// <summary>What a record is made of: everything that can be set.</summary>
    private static PropertyInfo[] Properties(Type type) => Known.GetOrAdd(type, static type =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null && property.GetIndexParameters().Length == 0)]);

    /// <summary>Orders are a part of the state only where nothing else in it implies them.</summary>
    public static IEnumerable<Type> CasesOf(Type type) => type == typeof(SupervisorAction) ? [typeof(RefuseListener), typeof(RelaySignal)] :
        type.Assembly.GetTypes().Where(other => other != type && !other.IsAbstract && type.IsAssignableFrom(other)).OrderBy(other => other.FullName, StringComparer.Ordinal);

    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("ZeroDown.", StringComparison.Ordinal) == true && !type.IsEnum;

    private static List<object?> Items(IEnumerable items) => items is ImmutableSortedDictionary<long, Worker> workers ? [.. workers.Values] : [.. items.Cast<object?>()];

    private static object[] Ordered(ImmutableDictionary<ListenerAddress, Listener> listeners) =>
        [.. listeners.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal).SelectMany(pair => (object[])[pair.Key, pair.Value])];

    private object? Make(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Make(inner);
        var number = ++_count;
        if (type == typeof(int))
            return number;
        if (type == typeof(uint))
            return (uint)number;
        if (type == typeof(long))
            return ((long)number << 33) + number;
        if (type == typeof(bool))
            return truth;
        if (type == typeof(string))
            return $"text \"{number}\" ä→🙂 \n\t\\ <{number}>";
        if (type == typeof(TimeSpan))
            return TimeSpan.FromTicks(number * 7_654_321_987L);
        if (type == typeof(DateTimeOffset))
            return DateTimeOffset.UnixEpoch.AddTicks(number * 987_654_321_123L);
        if (type == typeof(IPAddress))
            return number % 2 == 0 ? new IPAddress(number) : IPAddress.Parse($"fe80::{number % 9999}%{(number % 7) + 1}");
        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return values.GetValue(number % values.Length);
        }

        if (type.IsGenericType)
            return MakeMany(type);
        Assert.True(IsOurs(type), $"{type}: this test does not know how to make one");
        if (type.IsAbstract)
        {
            // Each case in its turn; only `Chosen` holds another of its kind.
            Type[] cases = [.. CasesOf(type)];
            var next = _cases[type] = _cases.GetValueOrDefault(type) + 1;
            return Make(_depth > Deepest ? typeof(ListenerAddress.Unix) : cases[next % cases.Length]);
        }

        Made.Add(type);
        _depth++;
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in Properties(type))
            property.SetValue(made, Make(property.PropertyType));
        _depth--;
        return made;
    }

    private object MakeMany(Type type)
    {
        var kind = type.GetGenericTypeDefinition();
        var of = type.GetGenericArguments();
        if (kind == typeof(ImmutableSortedDictionary<,>))
            return Enumerable.Range(0, 2).Select(_ => Make<Worker>()).ToImmutableSortedDictionary(worker => worker.Id.Number, worker => worker);
        if (kind == typeof(ImmutableDictionary<,>))
            return Enumerable.Range(0, 4).Select(_ => Make<Listener>()).ToImmutableDictionary(listener => Make<ListenerAddress>(), listener => listener);
        // As many as there are cases of anything, so that each is there somewhere.
        var items = Array.CreateInstance(of[0], of[0].IsAbstract ? CasesOf(of[0]).Count() : 2);
        for (var index = 0; index < items.Length; index++)
            items.SetValue(Make(of[0]), index);
        var (maker, method) = kind == typeof(ImmutableArray<>) ? (typeof(ImmutableArray), nameof(ImmutableArray.ToImmutableArray))
            : kind == typeof(ImmutableList<>) ? (typeof(ImmutableList), nameof(ImmutableList.ToImmutableList))
            : kind == typeof(EquatableArray<>) ? (typeof(EquatableArray), nameof(EquatableArray.ToEquatableArray))
            : throw new InvalidOperationException($"{type}: this test does not know how to make one");
        var sequence = typeof(IEnumerable<>).MakeGenericType(of);
        return maker.GetMethods().First(candidate => candidate.Name == method && candidate.GetParameters() is [var only]
                && only.ParameterType.IsGenericType && only.ParameterType.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            .MakeGenericMethod(of).Invoke(null, [items])!;
    }
}
