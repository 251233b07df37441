using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Daemon;

/// <summary>Ordinary things for tests to change one detail of.</summary>
internal static class Some
{
    public static AppSpec App(string name = "web", int instances = 2) => new()
    {
        Name = new AppName(name),
        Launch = new LaunchSpec { Script = "/srv/web/server", Program = "/srv/web/server", WorkingDirectory = "/srv/web" },
        Instances = instances,
    };

    public static AppSpec WithEnvironment(this AppSpec spec, params (string Name, string Value)[] variables) => spec with
    {
        Launch = spec.Launch with
        {
            Environment = variables.Select(variable => new EnvironmentVariable(variable.Name, variable.Value)).ToEquatableArray(),
        },
    };
}
