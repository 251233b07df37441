namespace ZeroDown.Platform;

/// <summary>Processes of ZeroDown itself, of any version and home, that a worker may have started: they are nobody's to end with the worker.</summary>
internal static class OurProgram
{
    private const string Name = "zd";
    private const int MostBytes = 4096;

    /// <summary>Verbs that only look, some of them for ever. A worker that pipes our logs somewhere takes that along when it ends.</summary>
    private static readonly HashSet<string> Looking = ["logs", "log", "monit", "list", "ls", "l", "ps", "status", "attach"];

    private static readonly HashSet<string> Resident = ["keeper", "daemon", "run", "attend"];

    internal static OurRole RoleOf(int pid)
    {
        var program = Path.GetFileName(RunningProgram.PathOf(pid));
        if (program is not (Name or "dotnet") && program != Path.GetFileName(SelfExecutable.Current.DisplayPath))
        {
            return OurRole.None;
        }

        var words = (ProcFs.ReadStart($"/proc/{pid}/cmdline", MostBytes) ?? "").Split('\0', StringSplitOptions.RemoveEmptyEntries).AsSpan();
        var isHosted = program == "dotnet";
        if (isHosted && (words.Length < 2 || Path.GetFileName(words[1]) != $"{Name}.dll"))
        {
            return OurRole.None;
        }

        foreach (var word in words[Math.Min(words.Length, isHosted ? 2 : 1)..])
        {
            if (!word.StartsWith('-'))
            {
                return Resident.Contains(word) ? OurRole.Resident
                    : Looking.Contains(word) || word == "exec-worker" ? OurRole.None
                    : OurRole.Client;
            }
        }

        return OurRole.None;
    }
}

internal enum OurRole
{
    /// <summary>Another program, or one of ours that needs no care.</summary>
    None,

    /// <summary>A command that changes something.</summary>
    Client,

    /// <summary>A keeper or daemon.</summary>
    Resident,
}
