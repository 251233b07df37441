using System.Text;

namespace ZeroDown.Config;

/// <summary>The first bytes of a file whose ending tells nothing: what the kernel would make of it.</summary>
internal sealed class ScriptHead
{
    private const int Looked = 512;

    private ScriptHead(string? interpreterLine, bool isText) => (InterpreterLine, IsText) = (interpreterLine, isText);

    /// <summary>What follows <c>#!</c> in the first line, its line break aside but with a carriage return; null: it does not begin so.</summary>
    public string? InterpreterLine { get; }

    /// <summary>No program of a machine.</summary>
    public bool IsText { get; }

    public static ScriptHead Of(string path)
    {
        try
        {
            Span<byte> start = stackalloc byte[Looked];
            using var file = File.OpenRead(path);
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            var end = start.IndexOf((byte)'\n');
            var line = start.StartsWith("#!"u8) ? Encoding.UTF8.GetString(start[2..(end < 0 ? start.Length : end)]) : null;
            return new(line, !start.Contains((byte)0) && !start.StartsWith("\u007fELF"u8));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, false);
        }
    }

    /// <summary>The first line asks for node, and nothing else of it.</summary>
    public bool AsksForNode => Words switch
    {
        [var program] => Interpreters.IsNode(program),
        [var env, var program] => Path.GetFileName(env) == "env" && Interpreters.IsNode(program),
        _ => false,
    };

    /// <summary>Why the kernel will not find the interpreter of the first line; null: it will.</summary>
    public (string Problem, string Hint)? WhyNoInterpreter(string path)
    {
        if (InterpreterLine is null)
            return null;
        if (InterpreterLine.EndsWith('\r'))
            return ($"the first line of {path} ends with a Windows line break, so the kernel does not find its interpreter", $"sed -i 's/\\r$//' {path}");
        var program = Words is [var first, ..] ? first : "";
        return File.Exists(program)
            ? null
            : ($"the first line of {path} names the interpreter '{Printable.Short(program)}', which {(Directory.Exists(program) ? "is a folder" : "does not exist")}", "install it, mend the line, or set 'interpreter'");
    }

    private string[] Words => InterpreterLine?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
}
