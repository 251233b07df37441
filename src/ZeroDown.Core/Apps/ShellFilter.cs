namespace ZeroDown.Core.Apps;

/// <summary>
/// Which variables of the user's shell a worker does not get; pm2's <c>filter_env</c>, as its documentation has it. What the
/// app declares itself is never filtered. It is part of the spec because <c>--update-env</c> brings the shell anew.
/// </summary>
public sealed record ShellFilter
{
    /// <summary><c>filter_env: true</c>: none of them.</summary>
    public bool Everything { get; init; }

    /// <summary><c>filter_env: NAME</c>: exactly these.</summary>
    public EquatableArray<string> Names { get; init; } = [];

    /// <summary><c>filter_env: [A, B]</c>: those whose name contains one of these.</summary>
    public EquatableArray<string> Parts { get; init; } = [];

    public bool Drops(string name)
    {
        if (Everything || Names.Items.Contains(name))
            return true;
        foreach (var part in Parts)
        {
            if (name.Contains(part, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
