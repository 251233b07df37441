using System.Text.Json;
using ZeroDown.Core.Apps;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Whether our drain library is put into a .NET program by <c>DOTNET_STARTUP_HOOKS</c>: only into one that runs on the shared
/// framework (not AOT, not self-contained single file), uses ASP.NET Core, and does not bring the library itself. What the
/// program is, its <c>runtimeconfig.json</c> and <c>deps.json</c> say.
/// </summary>
internal static class DotNetInjection
{
    private const string Framework = "Microsoft.AspNetCore.App";
    private const string Library = "ZeroDown.AspNetCore";

    /// <summary>In bytes. The largest that the SDK has written for us, a deps.json of 400 packages, has 0.5 MB.</summary>
    private const int Largest = 8 * 1024 * 1024;

    /// <returns>What to do, and a reason for the log when a program that could take the library does not get it.</returns>
    public static (DotNetLibrary Library, string? WhyNot) For(AppSpec spec)
    {
        if (MainAssembly(spec.Launch) is not { } assembly)
            return (DotNetLibrary.None, null);

        var rights = WorkerUser.RightsOf(spec);
        if (!UsesAspNetCore(Path.ChangeExtension(assembly, ".runtimeconfig.json"), rights))
            return (DotNetLibrary.None, null);
        if (BringsLibrary(Path.ChangeExtension(assembly, ".deps.json"), rights))
            return (DotNetLibrary.Own, null);
        return spec.Inject ? (DotNetLibrary.Inject, null) : (DotNetLibrary.None, "inject is false");
    }

    /// <summary>The managed assembly that the launch runs: of <c>dotnet x.dll</c>, or beside the executable <c>x</c>.</summary>
    private static string? MainAssembly(LaunchSpec launch)
    {
        if (Path.GetFileName(launch.Program) == "dotnet")
        {
            var dll = launch.Arguments.FirstOrDefault(argument => argument.EndsWith(".dll", StringComparison.OrdinalIgnoreCase));
            return dll is null ? null : Path.GetFullPath(dll, launch.WorkingDirectory);
        }

        var beside = launch.Program + ".dll";
        return File.Exists(beside) ? beside : null;
    }

    private static bool UsesAspNetCore(string runtimeConfig, FileUser? rights)
    {
        using var json = Read(runtimeConfig, rights);
        if (Member(json?.RootElement, "runtimeOptions") is not { } options)
            return false;
        if (Member(options, "framework") is { } one)
            return IsAspNetCore(one);
        return Member(options, "frameworks") is { ValueKind: JsonValueKind.Array } several && several.EnumerateArray().Any(IsAspNetCore);
    }

    private static bool IsAspNetCore(JsonElement framework) =>
        Member(framework, "name") is { ValueKind: JsonValueKind.String } name && name.ValueEquals(Framework);

    private static bool BringsLibrary(string deps, FileUser? rights)
    {
        using var json = Read(deps, rights);
        return Member(json?.RootElement, "libraries") is { ValueKind: JsonValueKind.Object } libraries
            && libraries.EnumerateObject().Any(library => library.Name.StartsWith(Library + "/", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Somebody else wrote these files: nothing in them need be what it should be.</summary>
    private static JsonElement? Member(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var member) ? member : null;

    private static JsonDocument? Read(string path, FileUser? rights)
    {
        if (RegularFile.TryRead(path, Largest, rights) is not { } bytes)
            return null;
        try
        {
            return JsonDocument.Parse(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How our library comes into a worker.</summary>
internal enum DotNetLibrary
{
    /// <summary>Not at all: no ASP.NET Core, or not wanted. It is drained by its stop signal.</summary>
    None,

    /// <summary>The program references it: it gets the channel.</summary>
    Own,

    /// <summary>We put it there: it gets the channel and the startup hook.</summary>
    Inject,
}
