namespace ZeroDown.Config;

/// <summary>What became of a file that node has to read, outside of this project: <c>ecosystem.config.js</c>, or a <c>.json</c> that is no JSON.</summary>
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

/// <summary>Has node read a file. Never throws for what the file does.</summary>
/// <param name="path">Absolute.</param>
/// <param name="expression">Null: the file is run, and what it exports is its value. Else the file's text, which is one value in JavaScript's notation.</param>
/// <param name="cancellation">Ends the run.</param>
public delegate Task<EvaluatedFile> EvaluateFile(string path, string? expression, CancellationToken cancellation);
