using System.Text;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Makes whole lines of bytes that arrive in pieces. A line that never ends is cut at 64 KiB, so that one worker cannot
/// fill our memory.
/// </summary>
internal sealed class LineAssembler
{
    private const int LongestLine = 64 * 1024;
    private readonly List<byte> _begun = [];

    /// <summary>The lines that the bytes complete, without their line ends; invalid UTF-8 is replaced.</summary>
    public List<string> Take(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<string>();
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var piece = end < 0 ? bytes : bytes[..end];
            if (_begun.Count + piece.Length > LongestLine)
            {
                var room = LongestLine - _begun.Count;
                _begun.AddRange(piece[..room]);
                lines.Add(Finish());
                bytes = bytes[room..];
                continue;
            }

            _begun.AddRange(piece);
            if (end < 0)
                break;
            lines.Add(Finish());
            bytes = bytes[(end + 1)..];
        }

        return lines;
    }

    /// <summary>Bytes of a line that has not ended yet.</summary>
    public int Begun => _begun.Count;

    /// <summary>What was begun and never ended, at the end of the stream.</summary>
    public string? Rest() => _begun.Count == 0 ? null : Finish();

    private string Finish()
    {
        var bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_begun);
        var line = Encoding.UTF8.GetString(bytes is [.. var text, (byte)'\r'] ? text : bytes);
        _begun.Clear();
        return line;
    }
}
