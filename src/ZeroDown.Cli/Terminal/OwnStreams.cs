using System.Text;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Cli.Terminal;

/// <summary>The three streams of this process, and what became of what was written to them.</summary>
internal sealed class OwnStreams : IDisposable
{
    private readonly StandardStream _out;
    private readonly StreamWriter _outText;
    private readonly StreamWriter _errorText;

    private OwnStreams(StandardStream output, StandardStream error)
    {
        _out = output;
        _outText = Writer(output, autoFlush: false);
        _errorText = Writer(error, autoFlush: true);
        var (outIsTerminal, errorIsTerminal) = (output.IsTerminal, error.IsTerminal);
        var (width, height) = outIsTerminal ? output.TerminalSize : error.TerminalSize;
        Screen = new Screen(_outText, _errorText)
        {
            OutIsTerminal = outIsTerminal,
            ErrorIsTerminal = errorIsTerminal,
            Color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
            Silent = Environment.GetEnvironmentVariable("PM2_SILENT") is "1" or "true",
            Width = width > 0 ? width : 80,
            Height = height > 0 ? height : 24,
            ReaderGone = ReaderGone,
        };
    }

    public static OwnStreams Open()
    {
        StandardStreams.FillClosed();
        return new OwnStreams(StandardStreams.Out, StandardStreams.Error);
    }

    public Screen Screen { get; }

    public static TextReader In() => new StreamReader(StandardStreams.In, Encoding.UTF8);

    /// <summary>Writes what is still held back. A reader that has seen enough (<c>zd list | head</c>) is no failure; output that could not be written is.</summary>
    /// <param name="code">The command's exit code.</param>
    /// <returns>The exit code of the process.</returns>
    public int Finish(int code)
    {
        _outText.Flush();
        if (_out.Failure == Errno.None || _out.Failure == Errno.EPIPE)
            return code;
        Screen.Fail($"the output could not be written to stdout: {_out.Failure}{(code == ExitCode.Done ? "; apart from that, the command succeeded" : "")}");
        return code == ExitCode.Done ? ExitCode.Failed : code;
    }

    public void Dispose()
    {
        _outText.Dispose();
        _errorText.Dispose();
        _out.Dispose();
    }

    private CancellationToken ReaderGone()
    {
        _out.WatchReader();
        return _out.Failed;
    }

    private static StreamWriter Writer(Stream stream, bool autoFlush) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 4096, leaveOpen: true) { AutoFlush = autoFlush };
}
