using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>What is wrong with an order is found in the daemon, before anything is started; what the trampoline needs of it goes into its settings.</summary>
internal static class LaunchOrderRules
{
    /// <exception cref="ArgumentException">The order makes no sense; the message is one line for people.</exception>
    internal static ExecSettings ToSettings(LaunchOrder order)
    {
        Require(Path.IsPathRooted(order.Program), $"the program's path must be absolute: {order.Program}");
        Require(Path.IsPathRooted(order.WorkingDirectory), $"the working directory must be absolute: {order.WorkingDirectory}");
        Require(order.Note.Length <= Contract.LongestNote, $"a note of {order.Note.Length} bytes is too long");
        RequireNoNul(order.Program);
        RequireNoNul(order.WorkingDirectory);
        return new ExecSettings
        {
            Program = order.Program,
            Arguments = Checked([order.ArgumentZero ?? order.Program, .. order.Arguments]),
            Environment = Checked([.. order.Environment.Select(pair => $"{pair.Key}={pair.Value}")]),
            PidVariables = Checked(order.PidVariables),
            WorkingDirectory = order.WorkingDirectory,
            Fds = Numbers(order),
            Umask = order.Umask,
            Nice = order.Nice,
            UserId = order.UserId,
            GroupId = order.GroupId,
            Groups = order.Groups,
            Limits = order.Limits,
        };
    }

    /// <summary>0, 1, 2 are always there: the keeper puts /dev/null where the order has nothing.</summary>
    private static int[] Numbers(LaunchOrder order)
    {
        var numbers = new SortedSet<int> { 0, 1, 2 };
        var seen = new HashSet<int>();
        foreach (var (_, number) in order.Fds)
        {
            Require(number is >= 0 and <= Contract.HighestChildNumber, $"fd {number} of the worker is not between 0 and {Contract.HighestChildNumber}");
            Require(seen.Add(number), $"fd {number} of the worker is given twice");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static IReadOnlyList<string> Checked(IReadOnlyList<string> strings)
    {
        foreach (var text in strings)
        {
            RequireNoNul(text);
        }

        return strings;
    }

    private static void RequireNoNul(string text) => Require(!text.Contains('\0'), $"a NUL character in \"{text.Replace("\0", "\\0")}\"");

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new ArgumentException(otherwise);
        }
    }
}
