using System.Text;

namespace ZeroDown.Platform.Launching;

/// <summary>Becomes another program: same pid, same parent, same standard streams. What is close-on-exec is closed; every thread but this one ends.</summary>
internal static unsafe class SelfReplacement
{
    /// <param name="path">Of the executable.</param>
    /// <param name="arguments">From argv[0].</param>
    /// <param name="environment">"NAME=value", all of it.</param>
    /// <exception cref="SystemCallException">It did not work, and everything is as before. There is no other return.</exception>
    internal static void Exec(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        using var argv = new NativeStrings(arguments);
        using var envp = new NativeStrings(environment);
        fixed (byte* file = Encoding.UTF8.GetBytes(path + '\0'))
        {
            _ = Interop.Execve(file, argv.Pointer, envp.Pointer);
        }

        throw SystemCallException.FromLast($"exec {path}");
    }
}
