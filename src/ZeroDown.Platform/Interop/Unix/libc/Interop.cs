using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace ZeroDown.Platform;

/// <summary>The C library, one function per file, thin and boring: arguments in, result and errno out, no policy.</summary>
/// <remarks>An <see cref="FdHandle"/> parameter keeps its descriptor open for the length of the call, so that no other thread can close it and let the number be reused.</remarks>
internal static partial class Interop
{
    private const string Libc = "libc";

    private static bool AppleArm64 => OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
}
