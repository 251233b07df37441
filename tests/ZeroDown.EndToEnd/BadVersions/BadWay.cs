namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>What is wrong with the new version of an app.</summary>
public enum BadWay
{
    ThrowsAtOnce,
    ThrowsAfter500Ms,
    ThrowsAfter2S,
    NeverListens,

    /// <summary>It binds another port than the version before it.</summary>
    ListensElsewhere,

    /// <summary>It listens, and dies before it has waited for its first connection.</summary>
    ListensAndDies,
    ExitsWithZero,

    /// <summary>SIGKILL, which it sends to itself.</summary>
    IsKilled,
    LacksModule,
    WrongInterpreter,

    /// <summary>A busy loop before it listens.</summary>
    Hangs,
    WrongPermissions,
}

/// <summary>How the bad version comes to run.</summary>
public enum Deployment
{
    /// <summary>It is the first version: <c>zd start FILE</c>.</summary>
    Start,

    /// <summary>The ecosystem file changes and the program does not: <c>zd reload FILE</c>. A failed roll can bring the old version back.</summary>
    ReloadFile,

    /// <summary>The program's file is replaced and the ecosystem file is not: <c>zd reload NAME</c>. The old version exists only in memory.</summary>
    ReloadInPlace,
}

/// <summary>The kinds of app that the table has.</summary>
public enum Kind
{
    /// <summary>Node in fork mode, on a port that it binds itself.</summary>
    ForkNode,

    /// <summary>The same program in a Node cluster.</summary>
    ClusterNode,

    /// <summary>The same program behind <c>npm start</c>, on a port that it binds itself.</summary>
    NpmStart,

    /// <summary>A shell script that starts a Python program and does not exec, on an inherited socket.</summary>
    ShellWrapper,

    /// <summary>Python on an inherited socket.</summary>
    Python,

    /// <summary>ASP.NET Core with the library.</summary>
    AspNetCore,
}
