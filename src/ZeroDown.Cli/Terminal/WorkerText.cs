using System.Text.RegularExpressions;
using ZeroDown.Config;

namespace ZeroDown.Cli.Terminal;

/// <summary>
/// Lines that workers wrote, made harmless. Colours and cursor movements are taken out, because programs that print them
/// mean a terminal of their own; any other control character shows as an escape instead of acting.
/// </summary>
internal static partial class WorkerText
{
    public static string Safe(string line)
    {
        if (!HasControl(line))
            return line;
        return string.Join('\t', ControlSequence().Replace(line, "").TrimEnd('\r').Split('\t').Select(part => Printable.Escape(part)));
    }

    /// <summary>Plain text, the ordinary case, costs no allocation.</summary>
    private static bool HasControl(string line)
    {
        foreach (var c in line)
        {
            if (c is < ' ' or (>= '\u007f' and < '\u00a0') or >= '\u0300' && !char.IsLetterOrDigit(c))
                return true;
        }

        return false;
    }

    /// <summary>CSI … final byte, and OSC … BEL or ST; ECMA-48.</summary>
    [GeneratedRegex(@"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)")]
    private static partial Regex ControlSequence();
}
