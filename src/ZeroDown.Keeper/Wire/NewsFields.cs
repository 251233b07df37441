using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>How an exit and a failure travel: the same in an event and in the give-back.</summary>
internal static class NewsFields
{
    internal static WireWriter Exit(this WireWriter to, ChildExit exit) => to
        .I32(exit.ExitCode ?? -1).I32(exit.Signal ?? 0).Flag(exit.CoreDumped).I64(exit.MaxRssBytes)
        .I64(exit.UserTime.Ticks).I64(exit.SystemTime.Ticks).I64(exit.At.Ticks);

    internal static ChildExit Exit(this ref WireReader from)
    {
        var (code, signal) = (from.I32(), from.I32());
        return new ChildExit(
            code < 0 ? null : code,
            signal == 0 ? null : signal,
            from.Flag(),
            from.I64(),
            TimeSpan.FromTicks(from.I64()),
            TimeSpan.FromTicks(from.I64()),
            TimeSpan.FromTicks(from.I64()));
    }

    internal static WireWriter Failure(this WireWriter to, StepFailure failure) =>
        to.U8((byte)failure.Step).I32(failure.Errno.Value).Text(failure.Text);

    internal static LaunchFailure Failure(this ref WireReader from) => new((LaunchStep)from.U8(), new Errno(from.I32()), from.Text());
}
