using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>An entry of <c>deploy:</c>, as pm2 has it: where an environment's hosts are, what is brought there, and what is run before and after.</summary>
public sealed record DeployTarget
{
    public required string Name { get; init; }

    public required ImmutableArray<string> Hosts { get; init; }

    public string? User { get; init; }

    public int? Port { get; init; }

    /// <summary>A private key's file; may begin with <c>~/</c>.</summary>
    public string? Key { get; init; }

    public bool ForwardAgent { get; init; }

    public bool NeedsTerminal { get; init; }

    /// <summary>Each for one <c>-o</c> of ssh.</summary>
    public ImmutableArray<string> SshOptions { get; init; } = [];

    public required string Repository { get; init; }

    /// <summary>What is checked out: <c>origin/main</c>, a tag, a commit.</summary>
    public required string Ref { get; init; }

    /// <summary>On the host: absolute, or from <c>~/</c> on. <c>source</c>, <c>current</c> and <c>shared</c> lie below it.</summary>
    public required string Folder { get; init; }

    /// <summary>The last few commits only.</summary>
    public bool Shallow { get; init; }

    public string? PreSetup { get; init; }

    public string? PostSetup { get; init; }

    public string? PreDeployLocal { get; init; }

    public string? PreDeploy { get; init; }

    public string? PostDeploy { get; init; }

    /// <summary>For <see cref="PostDeploy"/>.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Environment { get; init; } = [];
}

/// <summary>What a file says of one environment.</summary>
/// <param name="Target">Null when there is an error, or no such environment.</param>
/// <param name="Known">The environments that there are.</param>
/// <param name="Diagnostics">What is to be said about the file.</param>
public sealed record DeployResult(DeployTarget? Target, ImmutableArray<string> Known, ImmutableArray<Diagnostic> Diagnostics)
{
    public bool HasErrors => Diagnostics.Any(d => d.Severity == Severity.Error);
}
