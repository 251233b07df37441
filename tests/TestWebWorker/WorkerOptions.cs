using System.Globalization;

namespace TestWebWorker;

/// <summary>What the arguments ask for; see Program.cs.</summary>
internal sealed record WorkerOptions(Dictionary<string, string> Values, string[] Rest)
{
    public string Builder => Values.GetValueOrDefault("builder", "full");

    public bool ZeroDown => Values.ContainsKey("zd");

    public bool Https => Values.ContainsKey("https");

    public bool Http2 => Values.ContainsKey("http2");

    public string? Listen => Values.GetValueOrDefault("listen");

    public int Port => int.Parse(Values.GetValueOrDefault("port", "5000"), CultureInfo.InvariantCulture);

    public int Elsewhere => int.Parse(Values.GetValueOrDefault("elsewhere", "5001"), CultureInfo.InvariantCulture);

    public string Path => Values["path"];

    public int? ShutdownMs => Values.TryGetValue("shutdown", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    public static WorkerOptions Parse(string[] args) => new(
        args.Where(a => a[0] != '-').Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => p[1]),
        [.. args.Where(a => a[0] == '-')]);
}
