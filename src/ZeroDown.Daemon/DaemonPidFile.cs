using System.Globalization;
using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Daemon;

/// <summary>
/// <c>zd.pid</c>: the pid of the daemon, for monitors. There whole or not at all; each daemon replaces it, and the last one removes it. Written and removed while the daemon's
/// lock is held, so no daemon removes the file of another one. A home that cannot be written costs the file and no more.
/// </summary>
internal sealed class DaemonPidFile : IDisposable
{
    private readonly string _path;
    private readonly DaemonLog _log;

    private DaemonPidFile(string path, DaemonLog log) => (_path, _log) = (path, log);

    public static DaemonPidFile Write(string path, DaemonLog log)
    {
        var file = new DaemonPidFile(path, log);
        file.Try(() => WholeFile.Write(path, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), previous: null));
        return file;
    }

    public void Dispose() => Try(() => File.Delete(_path));

    private void Try(Action change)
    {
        try
        {
            change();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException)
        {
            _log.PidFileFailed(_path, problem.Message);
        }
    }
}
