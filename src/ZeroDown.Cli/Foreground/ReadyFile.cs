namespace ZeroDown.Cli.Foreground;

/// <summary>For an orchestrator's probe: there when everything is ready, gone when the drain begins. Whole or not at all, and never the one of a run before.</summary>
internal sealed class ReadyFile(string? path)
{
    private readonly Lock _gate = new();
    private bool _isOver;

    /// <exception cref="CommandException">Exit 2: it could never be written there.</exception>
    public void Clear()
    {
        if (path is null)
            return;
        try
        {
            File.Delete(path);
            File.WriteAllText(Next, "");
            File.Delete(Next);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.WrongUsage, $"--ready-file {Terminal.Screen.Safe(path)} cannot be written: {problem.Message}");
        }
    }

    /// <returns>Null, or why it could not be written.</returns>
    public string? Write(string text)
    {
        if (path is null)
            return null;
        lock (_gate)
        {
            if (_isOver)
                return null;
            try
            {
                File.WriteAllText(Next, text);
                File.Move(Next, path, overwrite: true);
                return null;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                return problem.Message;
            }
        }
    }

    /// <summary>For good.</summary>
    public void Remove()
    {
        if (path is null)
            return;
        lock (_gate)
        {
            _isOver = true;
            try
            {
                File.Delete(path);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                // The folder is gone, and the file with it; whoever probes finds nothing either way.
            }
        }
    }

    private string Next => path + ".next";
}
