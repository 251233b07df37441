namespace ZeroDown.Cli.Boot;

/// <summary>An init system: how it is found, what installs us there, and what takes us away again.</summary>
internal abstract class BootSystem
{
    /// <summary>The first line of every file that we write, after what must come first; nobody else's file is ever replaced.</summary>
    public const string Mark = "Written by zd startup; zd unstartup removes it.";

    public static readonly BootSystem[] All = [new SystemdSystem(), new SystemdUser(), new Launchd(), new OpenRc(), new Runit()];

    public abstract string Name { get; }

    /// <summary>What pm2 calls it, or the systems that have it.</summary>
    public abstract string[] Aliases { get; }

    /// <summary>It runs this machine.</summary>
    /// <param name="exists">Whether there is a file or folder.</param>
    public abstract bool IsHere(Func<string, bool> exists);

    public abstract BootPlan Install(BootFacts facts);

    public abstract BootPlan Uninstall(BootFacts facts);

    /// <summary>The file that tells whether we are installed.</summary>
    public abstract string MainFile(BootFacts facts);

    public static BootSystem? Find(string name) => Array.Find(All, system => system.Name == name || system.Aliases.Contains(name));

    /// <summary>The one that runs this machine; null when it is none of ours.</summary>
    public static BootSystem? Detect(Func<string, bool> exists) => Array.Find(All, system => system.IsHere(exists));

    /// <summary>A word for /bin/sh.</summary>
    protected static string Sh(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or ':' or '=' or ',' or '+' or '@')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    protected static string ShWords(IEnumerable<string> words) => string.Join(' ', words.Select(Sh));
}
