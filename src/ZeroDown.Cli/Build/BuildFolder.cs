using System.Security.Cryptography;
using System.Text;

namespace ZeroDown.Cli.Build;

/// <summary>
/// The builds of one project, <c>&lt;home&gt;/builds/&lt;name&gt;-&lt;hash of its path&gt;/</c>:
/// <code>
/// lock          held by the command that builds; two at once would write the same intermediate files
/// obj/          intermediate files, kept so that the next build is quick
/// new-…/        being written
/// 3f2a…         finished, named by its content, never written again
/// </code>
/// A folder gets its final name by one rename, and loses it by one rename before it is deleted, so what has a final name is whole.
/// </summary>
internal sealed class BuildFolder
{
    private const int Kept = 3;
    private const string StagedPrefix = "new-";
    private const string DoomedPrefix = "old-";
    private const string LockName = "lock";
    private const string IntermediateName = "obj";

    /// <summary>Another command may have built but not started yet.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    private readonly string _root;

    public BuildFolder(string home, string project)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(project)))[..8];
        _root = Path.Combine(home, "builds", $"{Path.GetFileNameWithoutExtension(project)}-{hash}");
        Directory.CreateDirectory(_root);
    }

    /// <summary>For <c>--artifacts-path</c>.</summary>
    public string Intermediate => Path.Combine(_root, IntermediateName);

    /// <summary>Waits until no other process builds this project; the lock ends with its holder, however that ends.</summary>
    /// <param name="onWait">Called once when there is somebody to wait for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<IDisposable> LockAsync(Action onWait, CancellationToken cancellation)
    {
        for (var waited = false; ; waited = true)
        {
            try
            {
                return new FileStream(Path.Combine(_root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e))
            {
                if (!waited)
                    onWait();
                await Task.Delay(LockPause, cancellation);
            }
        }
    }

    /// <summary>A path for a new build; nothing is there yet.</summary>
    public string Stage() => Path.Combine(_root, StagedPrefix + Guid.NewGuid().ToString("n"));

    /// <summary>Gives a finished build its final name. The same content as an earlier build gives that one, so specs stay equal.</summary>
    public string Keep(string staged)
    {
        var final = Path.Combine(_root, ContentId(staged));
        if (!Directory.Exists(final))
            Directory.Move(staged, final);
        Directory.SetLastWriteTimeUtc(final, DateTime.UtcNow);
        return final;
    }

    /// <summary>Deletes all but the newest builds and those in use. Failing to is no reason to fail a start.</summary>
    public void Prune(string newest, IReadOnlyCollection<string> inUse)
    {
        var old = new DirectoryInfo(_root).EnumerateDirectories()
            .Where(d => d.FullName != newest && d.Name != IntermediateName)
            .OrderByDescending(d => d.LastWriteTimeUtc)
            .ToList();
        var finished = old.Where(d => !IsRest(d)).ToList();
        var unneeded = finished.Skip(Kept - 1)
            .Where(d => DateTime.UtcNow - d.LastWriteTimeUtc > Young && !inUse.Any(p => p.StartsWith(d.FullName + "/", StringComparison.Ordinal)));

        // Under the lock nobody is staging, so what is half-written or half-deleted was left by a command that was killed.
        foreach (var folder in unneeded.Concat(old.Where(IsRest)))
            Remove(folder.FullName);
    }

    /// <summary>Deletes a build, final or not, if it is there.</summary>
    public static void Remove(string folder)
    {
        try
        {
            var doomed = Path.Combine(Path.GetDirectoryName(folder)!, DoomedPrefix + Guid.NewGuid().ToString("n"));
            Directory.Move(folder, doomed);
            Directory.Delete(doomed, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static bool IsRest(DirectoryInfo folder) =>
        folder.Name.StartsWith(StagedPrefix, StringComparison.Ordinal) || folder.Name.StartsWith(DoomedPrefix, StringComparison.Ordinal);

    /// <summary>Over names, permissions and contents, in an order of its own.</summary>
    private static string ContentId(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var file = File.OpenRead(path);
            var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(folder, path)}\0{mode}\0{file.Length}\0"));
            hash.AppendData(SHA256.HashData(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>.NET takes <c>flock</c> for <see cref="FileShare.None"/> and reports EWOULDBLOCK (11) as the HResult.</summary>
    private static bool IsHeld(IOException e) => e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException) && e.HResult == 11;
}
