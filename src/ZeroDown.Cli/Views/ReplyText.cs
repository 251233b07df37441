using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary>An answer of the daemon for people: what became of each app, why not, the worker's own last words, and what to type next.</summary>
internal static class ReplyText
{
    private const string Good = "✓";
    private const string Bad = "✗";

    public static void Write(CommandReply reply, Screen screen)
    {
        foreach (var error in reply.Errors)
            screen.Fail(Screen.Safe(error));
        foreach (var note in reply.Notes ?? [])
            screen.Warn(Screen.Safe(note));
        foreach (var app in reply.Apps)
            Write(app, screen);
        foreach (var line in reply.Lines ?? [])
            screen.Answer(Screen.Safe(line));
    }

    private static void Write(AppReply app, Screen screen)
    {
        if (IsGood(app.Outcome))
            screen.Answer($"{screen.Paint(Good, Ansi.Green, screen.OutIsTerminal)} {Screen.Safe(app.Message)}");
        else
            screen.Error.WriteLine($"{screen.Paint(Bad, Ansi.Red, screen.ErrorIsTerminal)} {Screen.Safe(app.Message)}");
        foreach (var group in app.Failures.GroupBy(failure => (failure.Message, string.Join('\n', failure.LastLines))))
            WriteFailure(app.App, [.. group], screen);
        foreach (var warning in app.Warnings)
            screen.Warn(Screen.Safe(warning));
        if (app.Failures.Any(failure => failure.LastLines.Length > 0))
            screen.Error.WriteLine($"  more of what it said: zd logs {Screen.Safe(app.App)}");
    }

    /// <summary>Slots that failed in the same way are told once.</summary>
    private static void WriteFailure(string app, SlotReply[] slots, Screen screen)
    {
        var which = string.Join(", ", slots.Select(slot => $"{Screen.Safe(app)}:{slot.PmId}").Distinct());
        screen.Error.WriteLine($"  {which}: {Screen.Safe(slots[0].Message)}");
        foreach (var line in slots[0].LastLines)
            screen.Error.WriteLine($"    | {Screen.Safe(line)}");
    }

    private static bool IsGood(string outcome) =>
        outcome is "started" or "reloaded" or "restarted" or "stopped" or "deleted" or "scaled" or "reset" or "flushed" or "reopened" or "signalled" or "watched" or "unwatched" or "sent" or "unchanged" or "registered" or "recorded";
}
