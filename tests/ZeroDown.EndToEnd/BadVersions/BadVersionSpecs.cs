using Xunit;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>
/// A bad version of an app is said to be bad, by the exit code and with the cause, and does no harm that can be avoided: 12 ways, 6 kinds of app, start and reload. With ZD_SOAK=1 every cell, else
/// each way in one start and one reload. One class per kind, so that two kinds run side by side.
/// </summary>
public sealed class BadVersionOfForkNodeSpecs : BadVersionTest
{
    public static TheoryData<Cell> Cells => Gate.Of(Kind.ForkNode);

    [Theory, MemberData(nameof(Cells))]
    public Task It_is_told_truthfully(Cell cell) => Run(cell);
}

/// <inheritdoc cref="BadVersionOfForkNodeSpecs"/>
public sealed class BadVersionOfClusterNodeSpecs : BadVersionTest
{
    public static TheoryData<Cell> Cells => Gate.Of(Kind.ClusterNode);

    [Theory, MemberData(nameof(Cells))]
    public Task It_is_told_truthfully(Cell cell) => Run(cell);
}

/// <inheritdoc cref="BadVersionOfForkNodeSpecs"/>
public sealed class BadVersionOfNpmStartSpecs : BadVersionTest
{
    public static TheoryData<Cell> Cells => Gate.Of(Kind.NpmStart);

    [Theory, MemberData(nameof(Cells))]
    public Task It_is_told_truthfully(Cell cell) => Run(cell);
}

/// <inheritdoc cref="BadVersionOfForkNodeSpecs"/>
public sealed class BadVersionOfShellWrapperSpecs : BadVersionTest
{
    public static TheoryData<Cell> Cells => Gate.Of(Kind.ShellWrapper);

    [Theory, MemberData(nameof(Cells))]
    public Task It_is_told_truthfully(Cell cell) => Run(cell);
}

/// <inheritdoc cref="BadVersionOfForkNodeSpecs"/>
public sealed class BadVersionOfPythonSpecs : BadVersionTest
{
    public static TheoryData<Cell> Cells => Gate.Of(Kind.Python);

    [Theory, MemberData(nameof(Cells))]
    public Task It_is_told_truthfully(Cell cell) => Run(cell);
}

/// <inheritdoc cref="BadVersionOfForkNodeSpecs"/>
public sealed class BadVersionOfAspNetCoreSpecs : BadVersionTest
{
    public static TheoryData<Cell> Cells => Gate.Of(Kind.AspNetCore);

    [Theory, MemberData(nameof(Cells))]
    public Task It_is_told_truthfully(Cell cell) => Run(cell);
}
