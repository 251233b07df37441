using ZeroDown.Config;

namespace ZeroDown.Cli.Terminal;

/// <summary>
/// The two streams of a command: <see cref="Out"/> is the answer, <see cref="Error"/> is progress, hints and errors. On a
/// terminal they may be coloured and redrawn; anywhere else each line is complete and plain.
/// </summary>
internal sealed record Screen(TextWriter Out, TextWriter Error)
{
    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Escape sequences are wanted where there is a terminal: neither <c>NO_COLOR</c> nor <c>--no-color</c>, and the terminal knows some.</summary>
    public bool Color { get; init; }

    /// <summary>Stdout can be drawn over.</summary>
    public bool OutIsDrawn => OutIsTerminal && Color;

    /// <summary>Stderr can be drawn over.</summary>
    public bool ErrorIsDrawn => ErrorIsTerminal && Color;

    /// <summary>
    /// Cancelled when what is written to <see cref="Out"/> reaches nobody any more, also when nothing is written (<c>zd logs | head</c>). For commands that go on until
    /// they are interrupted; the others end by themselves.
    /// </summary>
    public Func<CancellationToken> ReaderGone { get; init; } = () => CancellationToken.None;

    /// <summary>Columns of the terminal; 80 for one that does not know (a serial line, a container's).</summary>
    public int Width { get; init; } = 80;

    /// <summary>Lines of the terminal.</summary>
    public int Height { get; init; } = 24;

    /// <summary><c>--silent</c>: errors only.</summary>
    public bool Silent { get; init; }

    /// <summary>A sentence on stderr: what is being done, what to do next. Its text must be safe already.</summary>
    public void Say(string text)
    {
        if (!Silent)
            Error.WriteLine(text);
    }

    public void Warn(string text) => Say($"{Paint("warning:", Ansi.Yellow, ErrorIsTerminal)} {text}");

    public void Fail(string text) => Error.WriteLine($"{Paint("error:", Ansi.Red, ErrorIsTerminal)} {text}");

    /// <summary>The answer, on stdout.</summary>
    public void Answer(string text)
    {
        if (!Silent)
            Out.WriteLine(text);
    }

    public string Paint(string text, string color, bool terminal) => Color && terminal ? color + text + Ansi.Reset : text;

    /// <summary>Foreign text (of a worker, a file, the daemon's answer about them) on one line, with nothing in it that acts on a terminal.</summary>
    public static string Safe(string text) => Printable.Escape(text);
}

/// <summary>The few escape sequences that we write ourselves.</summary>
internal static class Ansi
{
    public const string Reset = "\u001b[0m";
    public const string Red = "\u001b[31m";
    public const string Green = "\u001b[32m";
    public const string Yellow = "\u001b[33m";
    public const string Blue = "\u001b[34m";
    public const string Inverse = "\u001b[7m";
    public const string Dim = "\u001b[2m";

    /// <summary>A second screen, so that what was on the first is there again afterwards; the cursor is hidden there.</summary>
    public const string OtherScreen = "\u001b[?1049h\u001b[?25l";

    public const string OwnScreen = "\u001b[?25h\u001b[?1049l";

    public const string HomeAndClear = "\u001b[H\u001b[J";

    /// <summary>To the start of the line <paramref name="lines"/> above, and everything below it gone.</summary>
    public static string UpAndClear(int lines) => lines > 0 ? $"\u001b[{lines}F\u001b[J" : "";
}
