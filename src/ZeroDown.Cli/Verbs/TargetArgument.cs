using System.CommandLine;

namespace ZeroDown.Cli.Verbs;

/// <summary>pm2's target grammar as an argument.</summary>
internal static class TargetArgument
{
    public static Argument<string[]> Required() => Create(ArgumentArity.OneOrMore, "apps");

    public static Argument<string[]> Optional(string whenNone) => Create(ArgumentArity.ZeroOrMore, $"apps; none: {whenNone}");

    private static Argument<string[]> Create(ArgumentArity arity, string what)
    {
        var argument = new Argument<string[]>("target")
        {
            Arity = arity,
            Description = $"{what}. A name, namespace or id, all, /regex/ on names, or a config file (- is stdin)",
        };
        argument.Validators.Add(result =>
        {
            // An argument that takes any word would swallow a mistyped flag.
            foreach (var token in result.Tokens)
            {
                if (token.Value.Length > 1 && token.Value[0] == '-')
                    result.AddError($"there is no option '{token.Value}'");
            }
        });
        return argument;
    }
}
