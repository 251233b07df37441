namespace ZeroDown.Config;

/// <summary>What became of a file that is a program: <c>ecosystem.config.js</c> is run by node, outside of this room.</summary>
public abstract record EvaluatedFile
{
    private EvaluatedFile()
    {
    }

    /// <param name="Json">What the file exports, as JSON.</param>
    public sealed record Value(string Json) : EvaluatedFile;

    /// <param name="Message">What went wrong, as a sentence part.</param>
    /// <param name="Hint">What to do now, if there is something.</param>
    /// <param name="Line">In the file, from 1; 0 when it is not known.</param>
    /// <param name="Column">From 1; 0 when it is not known.</param>
    public sealed record Failed(string Message, string? Hint = null, int Line = 0, int Column = 0) : EvaluatedFile
    {
        /// <summary>The key whose value cannot be part of a config: <c>apps[0].env.X</c>.</summary>
        public string? Path { get; init; }
    }
}

/// <summary>Runs a file that is a program. Never throws for what the file does.</summary>
/// <param name="path">Absolute, and there is a file.</param>
/// <param name="cancellation">Ends the run.</param>
public delegate Task<EvaluatedFile> EvaluateFile(string path, CancellationToken cancellation);
