using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd slist</c>: the machine, as JSON.</summary>
internal sealed class SlistVerb : Verb
{
    public override string Name => "slist";

    public override string[] Aliases => ["sysinfos"];

    public override string Summary => "facts about this machine, as JSON";

    public override string[] Examples => ["zd slist | jq .memory.available"];

    public override bool Waits => false;

    public override Task<int> RunAsync(Invocation call)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("hostname", Environment.MachineName);
            json.WriteString("platform", OperatingSystem.IsMacOS() ? "darwin" : "linux");
            json.WriteString("release", RuntimeInformation.OSDescription);
            json.WriteString("arch", RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant());
            json.WriteNumber("uptime", (long)MonotonicClock.Now.TotalSeconds);
            json.WriteNumber("cpus", Environment.ProcessorCount);
            json.WriteStartObject("memory");
            json.WriteNumber("total", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            if (Machine.AvailableMemory is { } available)
                json.WriteNumber("available", available);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        call.Shell.Screen.Out.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
        return Task.FromResult(ExitCode.Done);
    }
}
