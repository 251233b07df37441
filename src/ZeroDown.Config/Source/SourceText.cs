namespace ZeroDown.Config;

/// <summary>The text of a file with its lines, so that an index becomes the line and column that editors show.</summary>
internal sealed class SourceText
{
    private readonly List<int> _lineStarts = [0];

    /// <param name="path">As the user named it; <c>-</c> for stdin.</param>
    /// <param name="text">Without a byte order mark.</param>
    public SourceText(string path, string text)
    {
        Path = path;
        Text = text;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                _lineStarts.Add(i + 1);
        }
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>Line and column from 1 for an index; indexes beyond the end mean the end.</summary>
    public (int Line, int Column) Position(int index)
    {
        index = Math.Clamp(index, 0, Text.Length);
        var line = _lineStarts.BinarySearch(index);
        if (line < 0)
            line = ~line - 1;
        return (line + 1, index - _lineStarts[line] + 1);
    }

    /// <summary>The index of a line and column from 1; of what lies outside, the nearest that does not.</summary>
    public int Index(int line, int column) =>
        Math.Min(_lineStarts[Math.Clamp(line, 1, _lineStarts.Count) - 1] + Math.Max(0, column - 1), Text.Length);

    /// <summary>The text of a line (from 1) without its line break.</summary>
    public string Line(int number)
    {
        var start = _lineStarts[number - 1];
        var end = number < _lineStarts.Count ? _lineStarts[number] : Text.Length;
        return Text[start..end].TrimEnd('\r', '\n');
    }
}
