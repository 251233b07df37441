using System.Text;
using ZeroDown.Cli.Terminal;

namespace ZeroDown.Cli.Evaluation;

/// <summary>What a config file prints goes on to the user, line by line and harmless, and with an end.</summary>
internal sealed class PrintedText(Screen screen)
{
    private const int LongestLine = 4096;
    private const int MostCharacters = 64 * 1024;

    private readonly StringBuilder _line = new();
    private int _written;

    public async Task CopyAsync(Stream stream, CancellationToken cancellation)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var chunk = new char[2048];
        for (int read; (read = await reader.ReadAsync(chunk, cancellation)) > 0;)
        {
            foreach (var character in chunk.AsSpan(0, read))
            {
                if (character != '\n')
                    _line.Append(character);
                if (character == '\n' || _line.Length == LongestLine)
                    Write();
            }
        }

        if (_line.Length > 0)
            Write();
    }

    private void Write()
    {
        if (_written <= MostCharacters)
        {
            screen.Say(Screen.Safe(_line.ToString().TrimEnd('\r')));
            _written += _line.Length + 1;
            if (_written > MostCharacters)
                screen.Say("… (it prints more)");
        }

        _line.Clear();
    }
}
