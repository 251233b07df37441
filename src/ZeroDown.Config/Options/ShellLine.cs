using System.Collections.Immutable;
using System.Text;

namespace ZeroDown.Config;

/// <summary>
/// Words of a command line as a POSIX shell splits them, without its expansions. A line that needs a real shell
/// (<c>&amp;&amp;</c>, pipes, globs, variables, builtins) is recognised, because only the others can be started without one.
/// </summary>
public static class ShellLine
{
    /// <summary>What no file on PATH stands for: builtins that act on the shell itself, and the words of its grammar.</summary>
    private static readonly string[] Builtins =
        ["do", "done", "elif", "else", "esac", "fi", "in", "then", ".", ":", "[", "alias", "bg", "cd", "command", "eval", "exec", "exit", "export", "fg", "for", "if", "read", "set", "shift", "source",
         "time", "trap", "type", "ulimit", "umask", "unset", "until", "wait", "while", "{", "!", "case", "function"];

    /// <summary>Splits at blanks outside of quotes; false when a quote is not closed.</summary>
    public static bool TrySplit(string line, out ImmutableArray<string> words)
    {
        var result = ImmutableArray.CreateBuilder<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote == '\'' ? c != '\'' : quote == '"' && c is not ('"' or '\\'))
            {
                word.Append(c);
            }
            else if (c == quote && quote != '\0')
            {
                quote = '\0';
            }
            else if (c == '\\' && i + 1 < line.Length)
            {
                i++;
                if (quote == '"' && line[i] is not ('"' or '\\' or '$' or '`'))
                    word.Append('\\');
                word.Append(line[i]);
                inWord = true;
            }
            else if (c is '\'' or '"' && quote == '\0')
            {
                quote = c;
                inWord = true;
            }
            else if (c is ' ' or '\t' or '\n' or '\r')
            {
                if (inWord)
                    result.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (inWord)
            result.Add(word.ToString());
        words = result.ToImmutable();
        return quote == '\0';
    }

    /// <summary>True when a shell would do nothing but split the words and execute the first one.</summary>
    public static bool IsSimple(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && quote != '\'')
                i++;
            else if (quote != '\0' && c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '\'' or '"')
                quote = c;
            else if (quote == '"' ? c is '$' or '`' : quote == '\0' && "|&;<>()$`*?[#~!{}\n".Contains(c))
                return false;
        }

        return TrySplit(line, out var words) && words.Length > 0 && !words[0].Contains('=') && !Builtins.Contains(words[0]);
    }

    /// <summary>
    /// For <c>bash -c</c>: the line with <c>exec</c> before its last command, where that is certain to change nothing else. So the
    /// program takes the shell's place, and keeps the pid that LISTEN_PID names and that signals go to.
    /// </summary>
    public static string WithExec(string line)
    {
        var last = 0;
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && quote != '\'')
                i++;
            else if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '\'' or '"')
                quote = c;
            else if (c == '&' && i + 1 < line.Length && line[i + 1] == '&')
                last = ++i + 1;
            else if (c == ';')
                last = i + 1;
            else if ("|&()`{}\n#".Contains(c) || (c == '$' && i + 1 < line.Length && line[i + 1] == '('))
                return line;
        }

        var command = line[last..].TrimStart();
        var assignments = LeadingAssignments(command);
        if (!TrySplit(command[assignments..], out var words) || words.Length == 0 || Builtins.Contains(words[0]))
            return line;
        return line[..last] + (last > 0 ? " " : "") + command[..assignments] + "exec " + command[assignments..];
    }

    private static int LeadingAssignments(string command)
    {
        var at = 0;
        while (at < command.Length)
        {
            var name = at;
            while (name < command.Length && (char.IsAsciiLetterOrDigit(command[name]) || command[name] == '_'))
                name++;
            if (name == at || name == command.Length || command[name] != '=')
                return at;
            var end = command.AsSpan(name).IndexOfAny(" '\"\\$");
            if (end < 0 || command[name + end] != ' ')
                return at;
            at = name + end;
            while (at < command.Length && command[at] == ' ')
                at++;
        }

        return at;
    }
}
