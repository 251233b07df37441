using System.Runtime.InteropServices;

namespace TestWorker;

/// <summary>Starts a program under a kernel that is older than this one: a filter answers the calls that came later with ENOSYS, for the program and for all that it starts.</summary>
internal static unsafe partial class Sandbox
{
    private const int NoSuchCall = 38; // ENOSYS
    private const int SetNoNewPrivileges = 38, SetSeccomp = 22, SeccompModeFilter = 2;
    private const ushort LoadWord = 0x20, JumpIfEqual = 0x15, Return = 0x06;
    private const uint Allow = 0x7FFF0000, Fail = 0x00050000;

    /// <summary>pidfd_send_signal, pidfd_open, pidfd_getfd; the numbers are the same on x64 and arm64.</summary>
    private static readonly uint[] PidFdCalls = [424, 434, 438];

    /// <returns>64 when it did not work; else this process is the program.</returns>
    public static int ExecWithoutPidFds(string[] command)
    {
        var filter = stackalloc Instruction[PidFdCalls.Length + 3];
        filter[0] = new Instruction(LoadWord, 0, 0, 0); // the call's number
        for (var i = 0; i < PidFdCalls.Length; i++)
            filter[i + 1] = new Instruction(JumpIfEqual, (byte)(PidFdCalls.Length - i), 0, PidFdCalls[i]);
        filter[PidFdCalls.Length + 1] = new Instruction(Return, 0, 0, Allow);
        filter[PidFdCalls.Length + 2] = new Instruction(Return, 0, 0, Fail | NoSuchCall);
        var program = new FilterProgram { Length = (ushort)(PidFdCalls.Length + 3), Instructions = filter };
        if (Prctl(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || Prctl(SetSeccomp, SeccompModeFilter, (nuint)(&program), 0, 0) != 0)
            return Failed("no filter can be installed");

        var words = stackalloc byte*[command.Length + 1];
        for (var i = 0; i < command.Length; i++)
            words[i] = (byte*)Marshal.StringToCoTaskMemUTF8(command[i]);
        words[command.Length] = null;
        _ = Execute(words[0], words);
        return Failed($"cannot execute {command[0]}");
    }

    private static int Failed(string what)
    {
        Console.Error.WriteLine($"TestWorker: {what}: errno {Marshal.GetLastPInvokeError()}");
        return 64;
    }

    // Variadic in C, which x64 and arm64 Linux pass like any other arguments.
    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true)]
    private static partial int Execute(byte* file, byte** arguments);

    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    private struct FilterProgram
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
