using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>An app whose ecosystem file names a script and leaves the interpreter to its ending; where the interpreter is replaced in place, it is a file of the test.</summary>
internal abstract class InterpretedApp(ZdHome zd, Cell cell, AppPorts ports, string folder, string interpreter, string script) : TableApp(zd, cell, ports, folder)
{
    private readonly bool _ownInterpreter = cell is { Deployment: Deployment.ReloadInPlace, Way: BadWay.WrongInterpreter or BadWay.WrongPermissions };

    public override string Needs => interpreter;

    protected override string ProgramFile => PathOf(script);

    protected override string Options => $"script: {script}" + (_ownInterpreter ? $"\ninterpreter: {Interpreter}" : "");

    private string Interpreter => $"bin/{interpreter}";

    protected override void WriteInterpreter(bool wrong) =>
        Put(Interpreter, wrong ? "#!/nothing/here\n" : $"#!/bin/sh\nexec {interpreter} \"$@\"\n", executable: true);

    protected override void TakeExecution() => TakeExecution(PathOf(Interpreter));
}

internal sealed class NodeApp(ZdHome zd, Cell cell, AppPorts ports, string folder, string mode) : InterpretedApp(zd, cell, ports, folder, "node", "server.cjs")
{
    protected override string Options => $"{base.Options}\n{mode}";

    protected override string OtherInterpreter => "interpreter: /bin/sh\n";

    protected override void WriteProgram(string? way) => Put("server.cjs", Fill(ProgramTexts.Node, "process.env.WAY", way));
}

internal sealed class PythonApp(ZdHome zd, Cell cell, AppPorts ports, string folder) : InterpretedApp(zd, cell, ports, folder, "python3", "server.py")
{
    protected override string Options => $"{base.Options}\n{Listen}";

    protected override void WriteProgram(string? way) => Put("server.py", Fill(ProgramTexts.Python, "os.environ['WAY']", way));
}

/// <summary>TestWebWorker, copied, so that a file beside it can say which version it is.</summary>
internal sealed class AspNetCoreApp(ZdHome zd, Cell cell, AppPorts ports, string folder) : InterpretedApp(zd, cell, ports, folder, "dotnet", "TestWebWorker.dll")
{
    protected override string Options => $"{base.Options}\n{Listen}\nargs: zd=true elsewhere={Ports.Elsewhere}";

    protected override void WriteProgram(string? way)
    {
        var copies = Directory.CreateDirectory(PathOf("")).FullName;
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Programs.TestWebWorker)!))
        {
            var copy = Path.Combine(copies, Path.GetFileName(file));
            if (!File.Exists(copy))
                File.Copy(file, copy);
        }

        if (way is not null)
            Put("way.txt", way);
    }
}

internal sealed class NpmApp(ZdHome zd, Cell cell, AppPorts ports, string folder) : TableApp(zd, cell, ports, folder)
{
    public override string Needs => "npm";

    protected override string Options => "script: npm" + (MinReady ? "\nmin_ready: 5s" : "");

    protected override string Runner => "args: start\n";

    /// <summary>On a busy machine npm itself may live for longer than the default before the program's first line. A version that ends needs none of this time.</summary>
    private bool MinReady { get; } = cell is { Deployment: Deployment.Start, Way: not (BadWay.ThrowsAfter2S or BadWay.NeverListens or BadWay.Hangs) };

    protected override string ProgramFile => PathOf("server.cjs");

    protected override string OtherInterpreter => "args: run wrong\n";

    protected override void WriteProgram(string? way)
    {
        Put("server.cjs", Fill(ProgramTexts.Node, "process.env.WAY", way));
        WritePackage("node server.cjs");
    }

    protected override void WriteInterpreter(bool wrong) => WritePackage(wrong ? "nothing-here server.cjs" : "node server.cjs");

    /// <summary>The program has no right to be executed, and here it is executed itself.</summary>
    protected override void TakeExecution() => WritePackage("./server.cjs");

    private void WritePackage(string start) =>
        Put("package.json", $$"""{ "name": "web", "version": "1.0.0", "scripts": { "start": "{{start}}", "wrong": "nothing-here server.cjs" } }""");
}

internal sealed class WrapperApp(ZdHome zd, Cell cell, AppPorts ports, string folder) : TableApp(zd, cell, ports, folder)
{
    private const string Script = "start";

    public override string Needs => "python3";

    protected override string Options => $"script: ./{Script}\n{Listen}";

    protected override string ProgramFile => PathOf("server.py");

    protected override string OtherInterpreter => "interpreter: python3\n";

    protected override void WriteProgram(string? way)
    {
        Put("server.py", Fill(ProgramTexts.Python, "os.environ['WAY']", way));
        Put(Script, ProgramTexts.Wrapper, executable: true);
    }

    protected override void WriteInterpreter(bool wrong)
    {
        if (wrong)
            Put(Script, ProgramTexts.Wrapper.Replace("#!/bin/sh", "#!/nothing/here", StringComparison.Ordinal), executable: true);
    }

    protected override void TakeExecution() => TakeExecution(PathOf(Script));
}
