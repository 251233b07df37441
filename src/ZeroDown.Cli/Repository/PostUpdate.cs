using CliWrap;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Repository;

/// <summary>An app's <c>post_update</c>: what the new files need before they can run (<c>npm ci</c>, a build).</summary>
internal static class PostUpdate
{
    /// <exception cref="CommandException">A line failed; those behind it were not run.</exception>
    public static async Task RunAsync(AppDefinition app, Screen screen, CancellationToken cancellation)
    {
        var print = PipeTarget.ToDelegate(line => screen.Say($"  {Screen.Safe(line)}"));
        foreach (var line in app.PostUpdate)
        {
            screen.Say($"post_update of {Screen.Safe(app.Name)}: {Screen.Safe(line)}");
            var result = await CliWrap.Cli.Wrap("/bin/sh").WithArguments(["-c", line]).WithWorkingDirectory(app.WorkingDirectory).AsOwnerOf(app.WorkingDirectory)
                .WithStandardOutputPipe(print).WithStandardErrorPipe(print)
                .WithValidation(CommandResultValidation.None).ExecuteAsync(cancellation);
            if (result.ExitCode != 0)
                throw new CommandException(ExitCode.Failed, $"'{Screen.Safe(line)}' ended with exit code {result.ExitCode}, so nothing was reloaded; the files are the new ones, and zd backward {Screen.Safe(app.Name)} takes them back");
        }
    }
}
