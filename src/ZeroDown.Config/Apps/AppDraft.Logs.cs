namespace ZeroDown.Config;

// What was said about what a worker prints.
internal sealed partial class AppDraft
{
    /// <summary>Null inside: the default name.</summary>
    public Setting<string?>? LogFile { get; set; }

    public Setting<string>? LogDateFormat { get; set; }
    public Setting<bool>? Time { get; set; }
    public Setting<bool>? JsonLogs { get; set; }
    public Setting<bool>? DisableLogs { get; set; }
    public Setting<string>? PidFile { get; set; }
}
