using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>Forms of values that have no parts.</summary>
internal static class PlainForms
{
    public static readonly Form<string> Text = new TextForm();
    public static readonly Form<int> Int = new IntForm();
    public static readonly Form<uint> UInt = new UIntForm();
    public static readonly Form<long> Long = new LongForm();
    public static readonly Form<bool> Bool = new BoolForm();
    public static readonly Form<TimeSpan> Duration = new DurationForm();
    public static readonly Form<AppName> AppName = new MappedForm<AppName, string>(Text, name => name.Value, text => new AppName(text));
    public static readonly Form<WorkerId> WorkerId = new MappedForm<WorkerId, long>(Long, id => id.Number, number => new WorkerId(number));
    public static readonly Form<RequestId> RequestId = new MappedForm<RequestId, long>(Long, id => id.Number, number => new RequestId(number));
    public static readonly Form<IPAddress> Address = new MappedForm<IPAddress, string>(Text, address => address.ToString(), IPAddress.Parse);

    /// <summary>The spec's number in the table.</summary>
    public static readonly Form<AppSpec> SpecNumber = new SpecNumberForm();

    /// <summary>The names of its members, as they are in the code.</summary>
    public static Form<T> Enum<T>()
        where T : struct, Enum => new EnumForm<T>();

    public static Form<T?> OrNull<T>(this Form<T> form)
        where T : class => new NullableForm<T>(form);

    public static Form<T?> OrNothing<T>(this Form<T> form)
        where T : struct => new NullableValueForm<T>(form);

    private sealed class TextForm : Form<string>
    {
        public override void Write(Utf8JsonWriter to, string value, SpecTable specs) => to.WriteStringValue(value);

        public override string Read(ref Utf8JsonReader from, SpecTable specs) =>
            from.TokenType == JsonTokenType.String ? from.GetString()! : throw new UnreadableStateException($"a text was expected, not {from.TokenType}");
    }

    private sealed class IntForm : Form<int>
    {
        public override void Write(Utf8JsonWriter to, int value, SpecTable specs) => to.WriteNumberValue(value);

        public override int Read(ref Utf8JsonReader from, SpecTable specs) => from.GetInt32();
    }

    private sealed class UIntForm : Form<uint>
    {
        public override void Write(Utf8JsonWriter to, uint value, SpecTable specs) => to.WriteNumberValue(value);

        public override uint Read(ref Utf8JsonReader from, SpecTable specs) => from.GetUInt32();
    }

    private sealed class LongForm : Form<long>
    {
        public override void Write(Utf8JsonWriter to, long value, SpecTable specs) => to.WriteNumberValue(value);

        public override long Read(ref Utf8JsonReader from, SpecTable specs) => from.GetInt64();
    }

    private sealed class BoolForm : Form<bool>
    {
        public override void Write(Utf8JsonWriter to, bool value, SpecTable specs) => to.WriteBooleanValue(value);

        public override bool Read(ref Utf8JsonReader from, SpecTable specs) => from.GetBoolean();
    }

    /// <summary>"00:00:01.6000000": exact, and people can read it.</summary>
    private sealed class DurationForm : Form<TimeSpan>
    {
        private const int Longest = 32;

        public override void Write(Utf8JsonWriter to, TimeSpan value, SpecTable specs)
        {
            Span<byte> text = stackalloc byte[Longest];
            _ = Utf8Formatter.TryFormat(value, text, out var length);
            to.WriteStringValue(text[..length]);
        }

        public override TimeSpan Read(ref Utf8JsonReader from, SpecTable specs) =>
            from is { TokenType: JsonTokenType.String, HasValueSequence: false }
            && Utf8Parser.TryParse(from.ValueSpan, out TimeSpan value, out var used) && used == from.ValueSpan.Length
                ? value
                : throw new UnreadableStateException("a duration was expected, as in \"00:00:30\"");
    }

    private sealed class EnumForm<T> : Form<T>
        where T : struct, Enum
    {
        private readonly Dictionary<T, JsonEncodedText> _words = System.Enum.GetValues<T>().ToDictionary(value => value, value => JsonEncodedText.Encode(value.ToString()));

        public override void Write(Utf8JsonWriter to, T value, SpecTable specs) => to.WriteStringValue(_words[value]);

        public override T Read(ref Utf8JsonReader from, SpecTable specs)
        {
            foreach (var (value, word) in _words)
            {
                if (from.ValueTextEquals(word.EncodedUtf8Bytes))
                    return value;
            }

            throw new UnreadableStateException($"there is no {typeof(T).Name} called \"{from.GetString()}\" in this version of zd");
        }
    }

    private sealed class SpecNumberForm : Form<AppSpec>
    {
        public override void Write(Utf8JsonWriter to, AppSpec value, SpecTable specs) => to.WriteNumberValue(specs.NumberOf(value));

        public override AppSpec Read(ref Utf8JsonReader from, SpecTable specs) => specs.Of(from.GetInt32());
    }

    private sealed class NullableForm<T>(Form<T> form) : Form<T?>
        where T : class
    {
        public override void Write(Utf8JsonWriter to, T? value, SpecTable specs)
        {
            if (value is null)
                to.WriteNullValue();
            else
                form.Write(to, value, specs);
        }

        public override T? Read(ref Utf8JsonReader from, SpecTable specs) => from.TokenType == JsonTokenType.Null ? null : form.Read(ref from, specs);
    }

    private sealed class NullableValueForm<T>(Form<T> form) : Form<T?>
        where T : struct
    {
        public override void Write(Utf8JsonWriter to, T? value, SpecTable specs)
        {
            if (value is { } known)
                form.Write(to, known, specs);
            else
                to.WriteNullValue();
        }

        public override T? Read(ref Utf8JsonReader from, SpecTable specs) => from.TokenType == JsonTokenType.Null ? null : form.Read(ref from, specs);
    }
}
