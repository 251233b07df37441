using System.Text.Json;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>One of several records: an object whose first property says which.</summary>
internal sealed class CaseForm<T> : Form<T>
    where T : class
{
    private static readonly JsonEncodedText Which = JsonEncodedText.Encode("is");

    private readonly List<Case> _cases = [];

    /// <param name="word">Never changes, whatever the class is called.</param>
    /// <param name="form">What it is made of.</param>
    public CaseForm<T> Or<TCase>(string word, RecordForm<TCase> form)
        where TCase : class, T
    {
        _cases.Add(new Case<TCase>(word, form));
        return this;
    }

    public override void Write(Utf8JsonWriter to, T value, SpecTable specs)
    {
        foreach (var one in _cases)
        {
            if (one.TryWrite(to, value, specs))
                return;
        }

        throw new InvalidOperationException($"no case for {value.GetType().Name}");
    }

    public override T Read(ref Utf8JsonReader from, SpecTable specs)
    {
        if (from.TokenType != JsonTokenType.StartObject)
            throw new UnreadableStateException($"a {typeof(T).Name} was expected, not {from.TokenType}");
        from.Read();
        if (from.TokenType != JsonTokenType.PropertyName || !from.ValueTextEquals(Which.EncodedUtf8Bytes))
            throw new UnreadableStateException($"a {typeof(T).Name} does not say which");
        from.Read();
        foreach (var one in _cases)
        {
            if (!from.ValueTextEquals(one.Word.EncodedUtf8Bytes))
                continue;
            from.Read();
            return one.Read(ref from, specs);
        }

        throw new UnreadableStateException($"there is no {typeof(T).Name} called \"{from.GetString()}\" in this version of zd");
    }

    private abstract class Case(string word)
    {
        public JsonEncodedText Word { get; } = JsonEncodedText.Encode(word);

        public abstract bool TryWrite(Utf8JsonWriter to, T value, SpecTable specs);

        public abstract T Read(ref Utf8JsonReader from, SpecTable specs);
    }

    private sealed class Case<TCase>(string word, RecordForm<TCase> form) : Case(word)
        where TCase : class, T
    {
        public override bool TryWrite(Utf8JsonWriter to, T value, SpecTable specs)
        {
            if (value is not TCase mine)
                return false;
            to.WriteStartObject();
            to.WriteString(Which, Word);
            form.WriteFields(to, mine, specs);
            to.WriteEndObject();
            return true;
        }

        public override T Read(ref Utf8JsonReader from, SpecTable specs) => form.ReadFields(ref from, specs);
    }
}
