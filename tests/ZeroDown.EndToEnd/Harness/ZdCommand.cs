using System.Diagnostics;
using System.Text;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>A running <c>zd</c>, for tests that look on, or kill it in the middle.</summary>
public sealed class ZdCommand : IDisposable
{
    private readonly Process _process;
    private readonly string _command;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _err = new();
    private readonly Task _outRead;
    private readonly Task _errRead;
    private readonly long _started = Stopwatch.GetTimestamp();

    internal ZdCommand(ProcessStartInfo start, string command, string? input)
    {
        _command = command;
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        _process = Process.Start(start)!;
        _outRead = CopyAsync(_process.StandardOutput, _out);
        _errRead = CopyAsync(_process.StandardError, _err);
        if (input is not null)
            _process.StandardInput.Write(input);
        _process.StandardInput.Close();
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    private bool HasEndedItsStreams => _outRead.IsCompleted && _errRead.IsCompleted;

    /// <summary>What it has written to stdout so far.</summary>
    public string OutSoFar
    {
        get
        {
            lock (_out)
                return _out.ToString();
        }
    }

    /// <summary>Waits until it, or who shares its streams, has written the text to either of them.</summary>
    public Task Says(string text) => Eventually.Holds(
        () => HasEndedItsStreams && !SoFar.Contains(text, StringComparison.Ordinal)
            ? throw new InvalidOperationException($"'zd {_command}' has ended and never said '{text}':\n{SoFar}")
            : Task.FromResult(SoFar.Contains(text, StringComparison.Ordinal)),
        $"'zd {_command}' says '{text}'",
        () => SoFar);

    /// <summary>What it has written so far, both streams.</summary>
    public string SoFar
    {
        get
        {
            string output;
            lock (_out)
                output = _out.ToString();
            lock (_err)
                return output + _err;
        }
    }

    /// <summary>Sends a signal, by its short name.</summary>
    public void Signal(string name) => Tool.Signal(Pid, name);

    /// <summary>SIGKILL to this process alone.</summary>
    public void Kill() => _process.Kill(entireProcessTree: false);

    /// <summary>
    /// Waits for the exit and for the end of both streams: a <c>zd</c> that leaves its stdout in the hands of the daemon would hang every
    /// script that captures it.
    /// </summary>
    public async Task<ZdResult> Finished(TimeSpan within)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(within);
            await Task.WhenAll(_outRead, _errRead).WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            var exited = _process.HasExited;
            if (!exited)
                _process.Kill();
            throw new TimeoutException(exited
                ? $"'zd {_command}' has exited, but somebody still holds its output open. So far:\n{SoFar}"
                : $"'zd {_command}' did not end within {within.TotalSeconds} s. So far:\n{SoFar}");
        }

        return new ZdResult(_command, _process.ExitCode, _out.ToString(), _err.ToString(), Stopwatch.GetElapsedTime(_started));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static async Task CopyAsync(StreamReader from, StringBuilder to)
    {
        var buffer = new char[4096];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
        {
            lock (to)
                to.Append(buffer, 0, read);
        }
    }
}
