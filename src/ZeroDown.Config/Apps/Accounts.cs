using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>The accounts of the machine, as far as a reading needs them. Given from outside, because only Platform can look them up.</summary>
public sealed record Accounts
{
    /// <summary>As whom we run.</summary>
    public uint OwnUser { get; init; }

    public uint OwnGroup { get; init; }

    /// <summary>Our name, for messages.</summary>
    public string OwnName { get; init; } = "";

    /// <summary>By name or number; null when there is no such account.</summary>
    public Func<string, Account?> FindUser { get; init; } = static _ => null;

    /// <summary>By name or number; null when there is no such group.</summary>
    public Func<string, uint?> FindGroup { get; init; } = static _ => null;
}

/// <summary>One account.</summary>
public sealed record Account(string Name, uint User, uint Group, string Home, ImmutableArray<uint> Groups);
