using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival.Writing;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// The whole state as one JSON object, and back: <c>format</c>, <c>version</c>, <c>fleet</c>, <c>desk</c>, <c>specs</c>.
/// It is written at every step, so what a spec looks like is kept from one time to the next, and a fleet of fifty workers with
/// five kilobytes of environment each costs a copy. One thread at a time.
/// </summary>
internal sealed class FleetCodec : IDisposable
{
    /// <summary>Rises when an older zd could not go on from what is written. A new property alone is no reason: who does not know it passes over it.
    /// Nor is a new word that stands there for moments: the preflight of a way back is refused then, and not a moment later.</summary>
    public const int Format = 1;

    private static readonly JsonWriterOptions Style = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _nowhere = new(1);
    private readonly Utf8JsonWriter _writer;
    private readonly WrittenSpecs _specs = new();

    public FleetCodec() => _writer = new Utf8JsonWriter(_nowhere, Style);

    /// <param name="to">Where.</param>
    /// <param name="fleet">What is supervised.</param>
    /// <param name="desk">Who waits for answers.</param>
    /// <param name="beside">Writes further properties; whoever reads the state passes over them.</param>
    public void Write(IBufferWriter<byte> to, FleetState fleet, DeskBook desk, Action<Utf8JsonWriter>? beside = null)
    {
        _writer.Reset(to);
        _specs.Begin();
        _writer.WriteStartObject();
        _writer.WriteNumber("format"u8, Format);
        _writer.WriteString("version"u8, DaemonHost.Version);
        beside?.Invoke(_writer);
        _writer.WritePropertyName("fleet"u8);
        FleetForms.Fleet.Write(_writer, fleet, _specs);
        _writer.WritePropertyName("desk"u8);
        DeskForms.Book.Write(_writer, desk, _specs);
        _specs.End(_writer);
        _writer.WriteEndObject();
        _writer.Flush();
        _writer.Reset(_nowhere);
    }

    /// <exception cref="UnreadableStateException">It is damaged, or of a version that this one does not know; the message says which.</exception>
    public static Remembered Read(ReadOnlySpan<byte> text)
    {
        try
        {
            var at = Places.Find(text);
            var specs = new ReadSpecs();
            specs.Read(text[at.Specs..]);
            return new Remembered(Part(text[at.Fleet..], FleetForms.Fleet, specs), Part(text[at.Desk..], DeskForms.Book, specs));
        }
        catch (Exception problem) when (IsDamage(problem))
        {
            throw Damaged(problem);
        }
    }

    /// <summary>A property that was written beside the state.</summary>
    /// <inheritdoc cref="Read"/>
    public static T ReadBeside<T>(ReadOnlySpan<byte> text, string name, Form<T> form)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
            {
                var found = reader.ValueTextEquals(name);
                reader.Read();
                if (found)
                    return form.Read(ref reader, NoSpecs.Instance);
                reader.Skip();
            }
        }
        catch (Exception problem) when (IsDamage(problem))
        {
            throw Damaged(problem);
        }

        throw new UnreadableStateException($"the text is damaged: \"{name}\" is missing");
    }

    public void Dispose() => _writer.Dispose();

    private static bool IsDamage(Exception problem) =>
        problem is JsonException or InvalidOperationException or FormatException or OverflowException or ArgumentException;

    private static UnreadableStateException Damaged(Exception problem) => new($"the text is damaged: {problem.Message}", problem);

    private static T Part<T>(ReadOnlySpan<byte> text, Form<T> form, SpecTable specs)
    {
        var reader = new Utf8JsonReader(text);
        reader.Read();
        return form.Read(ref reader, specs);
    }

    /// <summary>Where the parts begin: specs are written last and needed first.</summary>
    private readonly record struct Places(int Fleet, int Desk, int Specs)
    {
        public static Places Find(ReadOnlySpan<byte> text)
        {
            var reader = new Utf8JsonReader(text);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new UnreadableStateException("the text is damaged: it is no JSON object");
            int? format = null, fleet = null, desk = null, specs = null;
            var version = "another version";
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isFormat, isVersion) = (reader.ValueTextEquals("format"u8), reader.ValueTextEquals("version"u8));
                var (isFleet, isDesk, isSpecs) = (reader.ValueTextEquals("fleet"u8), reader.ValueTextEquals("desk"u8), reader.ValueTextEquals("specs"u8));
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                if (isFormat)
                    format = reader.GetInt32();
                else if (isVersion)
                    version = $"version {reader.GetString()}";
                else if (isFleet)
                    fleet = start;
                else if (isDesk)
                    desk = start;
                else if (isSpecs)
                    specs = start;
                reader.Skip();
            }

            // What comes behind must be nothing, or this is not what was written.
            while (reader.Read())
            {
            }

            if (format > FleetCodec.Format)
                throw new UnreadableStateException($"it was written by {version} of zd in format {format}, and this zd ({DaemonHost.Version}) reads formats up to {FleetCodec.Format}");
            return format is >= 1 && fleet is { } f && desk is { } d && specs is { } s
                ? new Places(f, d, s)
                : throw new UnreadableStateException("the text is damaged: a part of it is missing");
        }
    }

    /// <summary>Knows specs by identity: the core hands one and the same object on, and comparing environments would cost more than writing them.</summary>
    private sealed class WrittenSpecs : SpecTable
    {
        private readonly Dictionary<AppSpec, Entry> _known = new(ReferenceEqualityComparer.Instance);
        private readonly List<AppSpec> _stale = [];
        private int _lastNumber;
        private long _round;

        public void Begin() => _round++;

        public override int NumberOf(AppSpec spec)
        {
            if (!_known.TryGetValue(spec, out var entry))
                _known.Add(spec, entry = new Entry(++_lastNumber, TextOf(spec)));
            entry.Round = _round;
            return entry.Number;
        }

        public override AppSpec Of(int number) => throw new NotSupportedException();

        /// <summary>Writes those that were named, and forgets the others.</summary>
        public void End(Utf8JsonWriter to)
        {
            to.WriteStartArray("specs"u8);
            foreach (var (spec, entry) in _known)
            {
                if (entry.Round != _round)
                {
                    _stale.Add(spec);
                    continue;
                }

                to.WriteNumberValue(entry.Number);
                to.WriteRawValue(entry.Text, skipInputValidation: true);
            }

            to.WriteEndArray();
            foreach (var spec in _stale)
                _known.Remove(spec);
            _stale.Clear();
        }

        private byte[] TextOf(AppSpec spec)
        {
            var buffer = new ArrayBufferWriter<byte>(1024);
            using (var writer = new Utf8JsonWriter(buffer, Style))
                SpecForms.App.Write(writer, spec, this);
            return buffer.WrittenSpan.ToArray();
        }

        private sealed class Entry(int number, byte[] text)
        {
            public int Number => number;

            public byte[] Text => text;

            public long Round { get; set; }
        }
    }

    private sealed class ReadSpecs : SpecTable
    {
        private readonly Dictionary<int, AppSpec> _known = [];

        public void Read(ReadOnlySpan<byte> text)
        {
            var reader = new Utf8JsonReader(text);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var number = reader.GetInt32();
                reader.Read();
                _known[number] = SpecForms.App.Read(ref reader, this);
            }
        }

        public override int NumberOf(AppSpec spec) => throw new NotSupportedException();

        public override AppSpec Of(int number) =>
            _known.TryGetValue(number, out var spec) ? spec : throw new UnreadableStateException($"the text is damaged: spec {number} is missing");
    }
}
