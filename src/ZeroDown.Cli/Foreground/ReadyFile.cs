using System.Globalization;
using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Foreground;

/// <summary>For an orchestrator's probe: there when everything is ready, gone when the drain begins. Whole or not at all, and never the one of a run before.</summary>
/// <remarks>In a folder of another user root writes it with that user's rights, and always under a name that is made new: a link that somebody has laid there leads nowhere.</remarks>
internal sealed class ReadyFile(string? path)
{
    private const uint Nogroup = 65534;

    private readonly FileUser? _rights = RightsIn(Path.GetDirectoryName(path));
    private readonly Lock _gate = new();
    private bool _isOver;

    /// <exception cref="CommandException">Exit 2: it could never be written there.</exception>
    public void Clear()
    {
        if (path is null)
            return;
        try
        {
            Impersonation.Run(_rights, () =>
            {
                File.Delete(path);
                WriteNew("");
                File.Delete(Next);
            });
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
                Impersonation.Run(_rights, () =>
                {
                    WriteNew(text);
                    File.Move(Next, path, overwrite: true);
                });
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
                Impersonation.Run(_rights, () => File.Delete(path));
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                // The folder is gone, and the file with it; whoever probes finds nothing either way.
            }
        }
    }

    private string Next => path + ".next";

    private void WriteNew(string text)
    {
        File.Delete(Next);
        using var file = new FileStream(Next, FileMode.CreateNew, FileAccess.Write);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private static FileUser? RightsIn(string? folder) =>
        folder is not null && Impersonation.IsPossible && FileOwner.UidBehind(folder) is > 0 and var uid
            ? new FileUser((uint)uid, UserAccount.Find(uid.ToString(CultureInfo.InvariantCulture))?.Gid ?? Nogroup, [])
            : null;
}
