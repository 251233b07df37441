using System.Collections.Immutable;
using System.Text.Json;
using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>Forms of the collections that the state is made of; each is a JSON array.</summary>
internal static class ListForms
{
    public static Form<ImmutableArray<T>> InArray<T>(this Form<T> item) => new ArrayForm<T>(item);

    public static Form<ImmutableList<T>> InList<T>(this Form<T> item) => new ListForm<T>(item);

    public static Form<EquatableArray<T>> InEquatableArray<T>(this Form<T> item)
        where T : IEquatable<T> => new EquatableArrayForm<T>(item);

    /// <summary>A dictionary whose keys are a part of its values.</summary>
    public static Form<ImmutableSortedDictionary<TKey, T>> By<TKey, T>(this Form<T> item, Func<T, TKey> key)
        where TKey : notnull => new SortedForm<TKey, T>(item, key);

    /// <summary>Pairs of key and value, one after the other.</summary>
    public static Form<ImmutableDictionary<TKey, T>> By<TKey, T>(this Form<T> item, Form<TKey> key)
        where TKey : notnull => new DictionaryForm<TKey, T>(key, item);

    private static void Enter(in Utf8JsonReader from)
    {
        if (from.TokenType != JsonTokenType.StartArray)
            throw new UnreadableStateException($"a list was expected, not {from.TokenType}");
    }

    private static bool Next(ref Utf8JsonReader from) => from.Read() && from.TokenType != JsonTokenType.EndArray;

    private sealed class ArrayForm<T>(Form<T> item) : Form<ImmutableArray<T>>
    {
        public override void Write(Utf8JsonWriter to, ImmutableArray<T> value, SpecTable specs)
        {
            to.WriteStartArray();
            if (!value.IsDefault)
            {
                foreach (var one in value)
                    item.Write(to, one, specs);
            }

            to.WriteEndArray();
        }

        public override ImmutableArray<T> Read(ref Utf8JsonReader from, SpecTable specs)
        {
            Enter(from);
            var items = ImmutableArray.CreateBuilder<T>();
            while (Next(ref from))
                items.Add(item.Read(ref from, specs));
            return items.DrainToImmutable();
        }
    }

    private sealed class EquatableArrayForm<T>(Form<T> item) : Form<EquatableArray<T>>
        where T : IEquatable<T>
    {
        private readonly Form<ImmutableArray<T>> _items = item.InArray();

        public override void Write(Utf8JsonWriter to, EquatableArray<T> value, SpecTable specs) => _items.Write(to, value.Items, specs);

        public override EquatableArray<T> Read(ref Utf8JsonReader from, SpecTable specs) => new(_items.Read(ref from, specs));
    }

    private sealed class ListForm<T>(Form<T> item) : Form<ImmutableList<T>>
    {
        public override void Write(Utf8JsonWriter to, ImmutableList<T> value, SpecTable specs)
        {
            to.WriteStartArray();
            foreach (var one in value)
                item.Write(to, one, specs);
            to.WriteEndArray();
        }

        public override ImmutableList<T> Read(ref Utf8JsonReader from, SpecTable specs)
        {
            Enter(from);
            var items = ImmutableList.CreateBuilder<T>();
            while (Next(ref from))
                items.Add(item.Read(ref from, specs));
            return items.ToImmutable();
        }
    }

    private sealed class SortedForm<TKey, T>(Form<T> item, Func<T, TKey> key) : Form<ImmutableSortedDictionary<TKey, T>>
        where TKey : notnull
    {
        public override void Write(Utf8JsonWriter to, ImmutableSortedDictionary<TKey, T> value, SpecTable specs)
        {
            to.WriteStartArray();
            foreach (var (_, one) in value)
                item.Write(to, one, specs);
            to.WriteEndArray();
        }

        public override ImmutableSortedDictionary<TKey, T> Read(ref Utf8JsonReader from, SpecTable specs)
        {
            Enter(from);
            var items = ImmutableSortedDictionary.CreateBuilder<TKey, T>();
            while (Next(ref from))
            {
                var one = item.Read(ref from, specs);
                items[key(one)] = one;
            }

            return items.ToImmutable();
        }
    }

    private sealed class DictionaryForm<TKey, T>(Form<TKey> key, Form<T> item) : Form<ImmutableDictionary<TKey, T>>
        where TKey : notnull
    {
        public override void Write(Utf8JsonWriter to, ImmutableDictionary<TKey, T> value, SpecTable specs)
        {
            to.WriteStartArray();
            foreach (var (name, one) in value)
            {
                key.Write(to, name, specs);
                item.Write(to, one, specs);
            }

            to.WriteEndArray();
        }

        public override ImmutableDictionary<TKey, T> Read(ref Utf8JsonReader from, SpecTable specs)
        {
            Enter(from);
            var items = ImmutableDictionary.CreateBuilder<TKey, T>();
            while (Next(ref from))
            {
                var name = key.Read(ref from, specs);
                if (!Next(ref from))
                    throw new UnreadableStateException("a list of pairs ends after a key");
                items[name] = item.Read(ref from, specs);
            }

            return items.ToImmutable();
        }
    }
}
