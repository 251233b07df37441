using System.IO.Hashing;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Our libraries for workers (the one for ASP.NET Core, the preload for Node) travel inside <c>zd</c> and are laid out in the home folder, one copy per content, so
/// that an update of <c>zd</c> never changes a file under a running worker.
/// </summary>
internal static class InjectedLibrary
{
    public const string AspNetCore = "ZeroDown.AspNetCore.dll";
    public const string NodePreload = "preload.cjs";

    /// <summary>Writes the file if it is not there yet. Its name and length prove nothing: it runs in workers, and a write that a power cut tore has the right length too.</summary>
    /// <param name="home">Where to.</param>
    /// <param name="library">Which of them.</param>
    /// <returns>Its absolute path; null when this build of <c>zd</c> does not carry it.</returns>
    /// <exception cref="IOException">The home folder cannot be written.</exception>
    public static string? LayOut(HomeFolder home, string library)
    {
        using var resource = typeof(InjectedLibrary).Assembly.GetManifestResourceStream(library);
        if (resource is null)
            return null;

        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        // It names a version, it guards nothing: the cryptographic ones would map all of OpenSSL into the resident daemon, 4 MB.
        var folder = Path.Combine(home.Libraries, Convert.ToHexStringLower(XxHash128.Hash(content)));
        var path = Path.Combine(folder, library);
        if (File.Exists(path) && new FileInfo(path).Length == content.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            return path;

        Directory.CreateDirectory(folder);
        // Written aside and renamed: two daemons of two homes never see half a file, nor does a worker.
        var aside = $"{path}.{Environment.ProcessId}";
        try
        {
            File.WriteAllBytes(aside, content);
            File.Move(aside, path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(aside); // half of it would take the last room
            throw;
        }

        return path;
    }
}
