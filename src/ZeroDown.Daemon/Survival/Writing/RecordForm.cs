using System.Text.Json;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>
/// A record as a JSON object, by a table of its properties. A property that is as in <paramref name="blank"/> is left out where
/// the table is sparse; one that is missing in the text is as in <paramref name="blank"/>; one that the table does not know is
/// passed over. So older and newer texts are read alike.
/// </summary>
/// <param name="blank">A record whose optional properties have their defaults.</param>
/// <param name="sparse">Leave out what is as by default.</param>
internal sealed class RecordForm<T>(T blank, bool sparse = true) : Form<T>
{
    private const int MostFields = 64;

    private readonly List<Field> _fields = [];
    private ulong _required;

    /// <summary>A property that has no default: a text without it cannot be read.</summary>
    public RecordForm<T> Must<TValue>(string name, Form<TValue> form, Func<T, TValue> get, Func<T, TValue, T> set)
    {
        _required |= 1UL << _fields.Count;
        return Add(new Field<TValue>(name, form, get, set, null));
    }

    public RecordForm<T> May<TValue>(string name, Form<TValue> form, Func<T, TValue> get, Func<T, TValue, T> set) =>
        Add(new Field<TValue>(name, form, get, set, sparse ? new Default<TValue>(get(blank)) : null));

    public override void Write(Utf8JsonWriter to, T value, SpecTable specs)
    {
        to.WriteStartObject();
        WriteFields(to, value, specs);
        to.WriteEndObject();
    }

    public void WriteFields(Utf8JsonWriter to, T value, SpecTable specs)
    {
        foreach (var field in _fields)
            field.Write(to, value, specs);
    }

    public override T Read(ref Utf8JsonReader from, SpecTable specs)
    {
        if (from.TokenType != JsonTokenType.StartObject)
            throw new UnreadableStateException($"a {Name} was expected, not {from.TokenType}");
        from.Read();
        return ReadFields(ref from, specs);
    }

    /// <param name="from">Stands on the first property's name, or on the object's end; on the latter afterwards.</param>
    /// <param name="specs">Specs by their number.</param>
    public T ReadFields(ref Utf8JsonReader from, SpecTable specs)
    {
        var value = blank;
        var seen = 0UL;
        for (; from.TokenType == JsonTokenType.PropertyName; from.Read())
        {
            var index = Find(ref from);
            from.Read();
            if (index < 0)
            {
                from.Skip();
                continue;
            }

            value = _fields[index].Read(ref from, value, specs);
            seen |= 1UL << index;
        }

        for (var index = 0; index < _fields.Count; index++)
        {
            if ((_required & ~seen & (1UL << index)) != 0)
                throw new UnreadableStateException($"a {Name} is without its \"{_fields[index].Name}\"");
        }

        return value;
    }

    private static string Name => typeof(T).Name;

    private int Find(ref Utf8JsonReader from)
    {
        for (var index = 0; index < _fields.Count; index++)
        {
            if (from.ValueTextEquals(_fields[index].Name.EncodedUtf8Bytes))
                return index;
        }

        return -1;
    }

    private RecordForm<T> Add(Field field)
    {
        if (_fields.Count == MostFields)
            throw new InvalidOperationException($"{Name} has more than {MostFields} properties");
        _fields.Add(field);
        return this;
    }

    private abstract class Field(string name)
    {
        public JsonEncodedText Name { get; } = JsonEncodedText.Encode(name);

        public abstract void Write(Utf8JsonWriter to, T record, SpecTable specs);

        public abstract T Read(ref Utf8JsonReader from, T record, SpecTable specs);
    }

    private sealed class Field<TValue>(string name, Form<TValue> form, Func<T, TValue> get, Func<T, TValue, T> set, Default<TValue>? leftOut) : Field(name)
    {
        public override void Write(Utf8JsonWriter to, T record, SpecTable specs)
        {
            var value = get(record);
            if (leftOut is not null && EqualityComparer<TValue>.Default.Equals(value, leftOut.Value))
                return;
            to.WritePropertyName(Name);
            form.Write(to, value, specs);
        }

        public override T Read(ref Utf8JsonReader from, T record, SpecTable specs) => set(record, form.Read(ref from, specs));
    }

    private sealed record Default<TValue>(TValue Value);
}
