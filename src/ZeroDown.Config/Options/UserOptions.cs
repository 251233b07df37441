using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>The rows of the option table that say as whom a worker runs.</summary>
internal static class UserOptions
{
    public static ImmutableArray<AppOption> All { get; } =
    [
        AppOptions.Word("uid", ["user"], null, "the user that the workers run as, by name or number; only root can change it", (d, v) => d.User = v),
        AppOptions.Word("gid", [], null, "their group, by name or number; default: the user's own", (d, v) => d.Group = v),
    ];
}
