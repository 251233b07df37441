
namespace ZeroDown.Config;

/// <summary>
/// Collects everything that is wrong, so that a user mends a file once and not once per mistake. Capped: after
/// <see cref="Limit"/> the rest is only counted, because nobody reads the hundredth.
/// </summary>
internal sealed class Problems
{
    public const int Limit = 50;
    private const int ExcerptWidth = 120;

    private readonly List<(int Order, Diagnostic Diagnostic)> _all = [];
    private int _dropped;

    public bool HasErrors { get; private set; }

    /// <summary>Nothing further is shown, so nobody needs to look for hints: a file of wrong keys must not cost much.</summary>
    public bool IsFull => _all.Count >= Limit;

    public void Error(Place place, string message, string? hint = null) => Add(Severity.Error, place, message, hint);

    public void Warning(Place place, string message, string? hint = null) => Add(Severity.Warning, place, message, hint);

    /// <summary>In the order of the file; what has no line (flags, the file as a whole) first.</summary>
    public IReadOnlyList<Diagnostic> All()
    {
        var sorted = _all.OrderBy(p => p.Order).Select(p => p.Diagnostic).ToList();
        if (_dropped > 0)
            sorted.Add(new Diagnostic { Severity = Severity.Error, Message = $"and {_dropped} more of this kind; mend these first" });
        return sorted;
    }

    private void Add(Severity severity, Place place, string message, string? hint)
    {
        HasErrors |= severity == Severity.Error;
        if (IsFull)
        {
            _dropped++;
            return;
        }

        var diagnostic = new Diagnostic
        {
            Severity = severity,
            Message = Printable.Escape(message),
            Hint = hint is null ? null : Printable.Escape(hint),
            File = place.Source is null ? null : Printable.Escape(place.Source.Path),
            Flag = place.Flag is null ? null : Printable.Escape(place.Flag),
            Path = place.Path is null ? null : Printable.Escape(place.Path),
        };
        if (place.Source is { } source && place.Start >= 0)
            diagnostic = WithExcerpt(diagnostic, source, place);

        // A merge key or an alias brings the same node into several apps; one report of it is enough.
        if (_all.All(p => p.Diagnostic != diagnostic))
            _all.Add((place.Start, diagnostic));
    }

    private static Diagnostic WithExcerpt(Diagnostic diagnostic, SourceText source, Place place)
    {
        var (line, column) = source.Position(place.Start);
        var text = source.Line(line);
        var indent = text.Length - text.TrimStart().Length;
        var start = Math.Min(column - 1, text.Length);
        var from = Math.Min(indent, start);
        if (start - from > ExcerptWidth / 2)
            from = start - ExcerptWidth / 2;
        var to = Math.Min(text.Length, from + ExcerptWidth);
        var end = Math.Clamp(start + place.Length, start, to);

        // The caret counts what is printed, and an escape is wider than its character.
        var before = Printable.Escape(text.AsSpan(from, start - from));
        var meant = Printable.Escape(text.AsSpan(start, end - start));
        var after = Printable.Escape(text.AsSpan(end, to - end));
        var left = from > indent ? "…" : "";
        return diagnostic with
        {
            Line = line,
            Column = column,
            Excerpt = left + before + meant + after.TrimEnd() + (to < text.Length ? "…" : ""),
            CaretStart = left.Length + before.Length,
            CaretLength = Math.Max(1, meant.TrimEnd().Length),
        };
    }
}
