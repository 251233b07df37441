namespace ZeroDown.Config;

// What was said about whose processes the workers are.
internal sealed partial class AppDraft
{
    public Setting<string>? User { get; set; }
    public Setting<string>? Group { get; set; }
}
