using System.CommandLine;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd init</c>: a sample ecosystem file to change. It never writes over one that is there.</summary>
internal sealed class InitVerb : Verb
{
    private const string FileName = "ecosystem.yaml";

    private const string Simple = """
        apps:
          - name: app
            script: ./server.js

        """;

    private const string Full = """
        apps:
          - name: app
            script: ./server.js          # .js .ts .py .rb .php .sh .jar .dll .csproj .cs, or a program
            # args: --verbose
            # cwd: /srv/app              # default: the folder of this file
            instances: 2                 # or max
            # listen: 127.0.0.1:4000     # zd binds it once and hands it to every worker
            # exec_mode: cluster         # for Node programs that bind the port themselves
            # wait_ready: true           # the worker says when it is ready
            listen_timeout: 30s          # a reload whose new workers take longer fails, and the old ones serve on
            drain_timeout: 30s           # how long old workers may finish what they hold
            # max_restarts: 16
            # env of the shell, then these:
            env: { NODE_ENV: development }
            env_production: { NODE_ENV: production }   # zd start --env production

        """;

    public override string Name => "init";

    public override string[] Aliases => ["ecosystem"];

    public override string Summary => "writes a sample ecosystem.yaml into this folder";

    public override string[] Examples => ["zd init", "zd init simple     only what is needed"];

    public override bool Waits => false;

    public override void Declare(Command command)
    {
        var mode = new Argument<string?>("mode") { Arity = ArgumentArity.ZeroOrOne, Description = "simple: the smallest file that works" };
        mode.AcceptOnlyFromAmong("simple");
        command.Arguments.Add(mode);
    }

    public override Task<int> RunAsync(Invocation call)
    {
        var folder = call.Shell.Context().CurrentDirectory;
        if (EcosystemFile.FindIn(folder) is { } there)
            throw new CommandException(ExitCode.Failed, $"{Screen.Safe(there)} exists already, and stays as it is");
        var path = Path.Combine(folder, FileName);
        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
            file.Write(call.Parsed.GetValue<string?>("mode") == "simple" ? Simple : Full);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{Screen.Safe(path)} cannot be written: {problem.Message}");
        }

        call.Shell.Screen.Answer($"{Screen.Safe(path)} is written; change it, then: zd start");
        return Task.FromResult(ExitCode.Done);
    }
}
