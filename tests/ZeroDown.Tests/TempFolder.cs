namespace ZeroDown.Tests;

/// <summary>A folder of its own for one test, gone afterwards. Short, because socket paths may have only 107 bytes.</summary>
internal sealed class TempFolder : IDisposable
{
    internal TempFolder() => Path = Directory.CreateTempSubdirectory("zdt").FullName;

    internal string Path { get; }

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that the test started may still be writing its last file there.
        }
    }
}
