using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>The part <c>deploy:</c> of an ecosystem file of any kind. The apps beside it are not looked at: their folders may be on the host only.</summary>
public static class DeployFile
{
    /// <param name="path">The file; also how messages name it.</param>
    /// <param name="environment">Which entry.</param>
    /// <param name="context">The user's shell.</param>
    /// <param name="evaluate">Has node read it, where only node can.</param>
    /// <param name="cancellation">Handed to <paramref name="evaluate"/>.</param>
    public static async Task<DeployResult> ReadAsync(string path, string environment, ReadContext context, EvaluateFile evaluate, CancellationToken cancellation)
    {
        var (text, failed) = EcosystemFile.TextOf(path, context);
        if (failed is not null)
            return new DeployResult(null, [], failed.Diagnostics);
        var problems = new Problems();
        var root = await EcosystemFile.ComposeAsync(text!, path, context, evaluate, problems, cancellation);
        var entries = (root as MappingNode)?.Find("deploy") as MappingNode;
        ImmutableArray<string> known = [.. (entries?.Entries ?? []).Select(entry => entry.Key.Value)];
        var found = entries?.Entries.FirstOrDefault(entry => entry.Key.Value == environment);
        var target = found is null ? null : new DeployReader(new ValueReader(problems, context)).Read(found);
        return new DeployResult(problems.HasErrors ? null : target, known, [.. problems.All()]);
    }
}
