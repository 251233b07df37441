namespace ZeroDown.Config;

/// <summary>
/// Whether node maps stack traces of compiled files back to their sources. Without a word about it our preload switches it on, as pm2 7 does;
/// an argument of node's decides it either way.
/// </summary>
internal static class SourceMaps
{
    private const string On = "--enable-source-maps";
    private const string Off = "--no-enable-source-maps";

    /// <summary>Null: nothing was said.</summary>
    public static string? Argument(AppDraft draft) =>
        draft.NoSourceMaps is { Value: true } || draft.SourceMaps is { Value: false } ? Off : draft.SourceMaps is { Value: true } ? On : null;

    public static bool IsArgument(string argument) => argument is On or Off;
}
