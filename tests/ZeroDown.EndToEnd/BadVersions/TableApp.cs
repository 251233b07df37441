using System.Globalization;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>The app of one cell: its program, its ecosystem file, and how it becomes bad and good again.</summary>
internal abstract class TableApp(ZdHome zd, Cell cell, AppPorts ports, string folder)
{
    protected const string Good = nameof(Good);
    private static readonly bool IsRoot = Environment.UserName == "root";

    /// <summary>The app of a cell.</summary>
    /// <param name="zd">Whose folder its files lie in.</param>
    /// <param name="cell">Kind, way and deployment.</param>
    /// <param name="ports">For the app alone.</param>
    /// <param name="isBusy">Other programs use the CPU.</param>
    /// <param name="folder">Where its files lie, below the home's folder.</param>
    public static TableApp Create(ZdHome zd, Cell cell, AppPorts ports, string folder = "app", bool isBusy = false) => cell.Kind switch
    {
        Kind.ForkNode => new NodeApp(zd, cell, ports, folder, "exec_mode: fork") { IsBusy = isBusy },
        Kind.ClusterNode => new NodeApp(zd, cell, ports, folder, "instances: 2") { IsBusy = isBusy },
        Kind.NpmStart => new NpmApp(zd, cell, ports, folder) { IsBusy = isBusy },
        Kind.ShellWrapper => new WrapperApp(zd, cell, ports, folder) { IsBusy = isBusy },
        Kind.Python => new PythonApp(zd, cell, ports, folder) { IsBusy = isBusy },
        Kind.AspNetCore => new AspNetCoreApp(zd, cell, ports, folder) { IsBusy = isBusy },
        _ => throw new ArgumentOutOfRangeException(nameof(cell)),
    };

    /// <summary>How long a version that never gets ready is waited for; one that ends does not need it. In place, the good version has no more time.</summary>
    public TimeSpan Limit => TimeSpan.FromSeconds(
        cell.Way is not (BadWay.NeverListens or BadWay.ListensElsewhere or BadWay.Hangs) ? 20
        : !InPlace ? 3
        : IsBusy ? 20 : 8);

    /// <summary>Other programs use the CPU.</summary>
    public bool IsBusy { get; init; }

    /// <summary>The program that this machine must have.</summary>
    public abstract string Needs { get; }

    protected AppPorts Ports { get; } = ports;

    protected bool InPlace => cell.Deployment == Deployment.ReloadInPlace;

    /// <summary>The script and what else makes this kind of app.</summary>
    protected abstract string Options { get; }

    /// <summary>The file whose permissions are taken away where root does not run the test.</summary>
    protected abstract string ProgramFile { get; }

    protected string Listen => $"listen: 127.0.0.1:{Ports.Own}";

    /// <summary>Writes the good version and returns the ecosystem file.</summary>
    public string WriteGood() => Write(Good, isBad: false);

    /// <summary>Writes the bad version and returns the ecosystem file.</summary>
    public string WriteBad() => Write(cell.Way.ToString(), isBad: true);

    /// <summary>Puts the good program back in the place of the bad one.</summary>
    public void RestoreInPlace() => Replace(bad: false);

    private string Write(string way, bool isBad)
    {
        if (InPlace)
        {
            Replace(isBad);
            return isBad ? "" : zd.Write("ecosystem.yaml", $"apps:\n{Entry("web", Runner, Limit)}");
        }

        return zd.Write("ecosystem.yaml", $"apps:\n{Entry("web", way, isBad)}");
    }

    /// <summary>Writes the program, and returns its entry in an ecosystem file.</summary>
    public string Entry(string name, bool isBad) => Entry(name, isBad ? cell.Way.ToString() : Good, isBad);

    private string Entry(string name, string way, bool isBad)
    {
        WriteProgram(null);
        var isOption = cell.Way is BadWay.WrongInterpreter or BadWay.WrongPermissions;
        var options = $"env: {{ WAY: {(isOption ? Good : way)} }}\n";
        options += isBad && cell.Way == BadWay.WrongInterpreter ? OtherInterpreter : Runner;
        if (isBad && cell.Way == BadWay.WrongPermissions)
            options += TakePermissions();
        return Entry(name, options, isBad ? Limit : TimeSpan.FromSeconds(60));
    }

    private string Entry(string name, string options, TimeSpan limit) =>
        $"  - name: {name}\n" + string.Concat($"cwd: {PathOf("")}\n{Options}\n{options}\n{CommonOptions(limit)}".Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"    {line}\n"));

    /// <summary>The pause keeps a version that dies again and again from ending as errored before it is good again.</summary>
    private static string CommonOptions(TimeSpan limit) =>
        $"listen_timeout: {((int)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)}ms\nkill_timeout: 1s\nexp_backoff_restart_delay: 100ms";

    private void Replace(bool bad)
    {
        switch (cell.Way)
        {
            case BadWay.WrongInterpreter:
                WriteProgram(Good);
                WriteInterpreter(bad);
                break;
            case BadWay.WrongPermissions:
                WriteProgram(Good);
                WriteInterpreter(false);
                if (bad)
                    TakeExecution();
                break;
            default:
                WriteProgram(bad ? cell.Way.ToString() : Good);
                break;
        }
    }

    /// <param name="way">Null: the variable WAY says it.</param>
    protected abstract void WriteProgram(string? way);

    /// <summary>What says how the script is run, beside <see cref="Options"/>.</summary>
    protected virtual string Runner => "";

    /// <summary>Instead of <see cref="Runner"/>: an ecosystem file that names an interpreter which cannot run the program.</summary>
    protected virtual string OtherInterpreter => "interpreter: /bin/false\n";

    /// <summary>Writes the file that says what runs the program. Called only where that file is replaced in place.</summary>
    protected abstract void WriteInterpreter(bool wrong);

    /// <summary>Takes the right to execute, which root needs too.</summary>
    protected abstract void TakeExecution();

    /// <summary>Root may read everything, so as root the new version runs as another user, who may not enter the test's folder.</summary>
    private string TakePermissions()
    {
        if (IsRoot)
            return "uid: nobody\n";
        File.SetUnixFileMode(ProgramFile, UnixFileMode.None);
        return "";
    }

    protected string Fill(string program, string wayOfVariable, string? way) => program
        .Replace("@way@", way is null ? wayOfVariable : $"'{way}'", StringComparison.Ordinal)
        .Replace("@port@", Ports.Own.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("@elsewhere@", Ports.Elsewhere.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    protected string PathOf(string name) => Path.Combine(zd.Folder, folder, name);

    protected void Put(string name, string text, bool executable = false) => zd.Write(Path.Combine(folder, name), text, executable);

    protected static void TakeExecution(string path) => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
}

/// <param name="Own">Where the good version listens.</param>
/// <param name="Elsewhere">Where no version should.</param>
internal sealed record AppPorts(int Own, int Elsewhere);
