using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// <c>--update-env</c>: the user's shell as it is now replaces what was recorded at start; what the ecosystem file declares
/// stays, because the file said so and the shell did not.
/// </summary>
internal static class EnvironmentUpdate
{
    public static AppSpec Apply(AppSpec spec, IReadOnlyDictionary<string, string> shell)
    {
        var merged = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in shell)
        {
            if (!spec.Launch.ShellFilter.Drops(name))
                merged[name] = value;
        }

        var declared = spec.Launch.DeclaredVariables.Items;
        foreach (var variable in spec.Launch.Environment)
        {
            if (declared.Contains(variable.Name))
                merged[variable.Name] = variable.Value;
        }

        return spec with
        {
            Launch = spec.Launch with
            {
                Environment = merged.Select(variable => new EnvironmentVariable(variable.Key, variable.Value)).ToEquatableArray(),
            },
        };
    }
}
