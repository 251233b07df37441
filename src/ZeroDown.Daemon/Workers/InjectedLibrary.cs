using System.IO.Hashing;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The drain library for ASP.NET Core travels inside <c>zd</c> and is laid out in the home folder, one copy per content, so
/// that an update of <c>zd</c> never changes a file under a running worker.
/// </summary>
internal static class InjectedLibrary
{
    private const string Resource = "ZeroDown.AspNetCore.dll";

    /// <summary>Writes the file if it is not there yet.</summary>
    /// <returns>Its absolute path; null when this build of <c>zd</c> does not carry it.</returns>
    /// <exception cref="IOException">The home folder cannot be written.</exception>
    public static string? LayOut(HomeFolder home)
    {
        using var resource = typeof(InjectedLibrary).Assembly.GetManifestResourceStream(Resource);
        if (resource is null)
            return null;

        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        // It names a version, it guards nothing: the cryptographic ones would map all of OpenSSL into the resident daemon, 4 MB.
        var folder = Path.Combine(home.Libraries, Convert.ToHexStringLower(XxHash128.Hash(content)));
        var path = Path.Combine(folder, Resource);
        if (File.Exists(path) && new FileInfo(path).Length == content.Length)
            return path;

        Directory.CreateDirectory(folder);
        // Written aside and renamed: two daemons of two homes never see half a file, nor does a worker.
        var aside = $"{path}.{Environment.ProcessId}";
        File.WriteAllBytes(aside, content);
        File.Move(aside, path, overwrite: true);
        return path;
    }
}
