using Xunit;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>Runs commands on a terminal (a pty) of their own, through Python.</summary>
internal static class Terminal
{
    /// <summary>Copies what the terminal gets to stdout, byte for byte, and ends with the command's exit code.</summary>
    private const string Script = """
        import fcntl, os, pty, struct, sys, termios
        width, command = int(sys.argv[1]), sys.argv[2:]
        pid, master = pty.fork()
        if pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, width, 0, 0))
            os.execvp(command[0], command)
        while True:
            try:
                got = os.read(master, 65536)
            except OSError:
                break
            if not got:
                break
            os.write(1, got)
        status = os.waitpid(pid, 0)[1]
        sys.exit(os.waitstatus_to_exitcode(status) & 255)
        """;

    /// <summary>To stand before a command. Skips the test where there is no Python.</summary>
    public static string[] OfWidth(int columns)
    {
        Assert.SkipUnless(Tool.Run("python3", "-c", "import pty, os; os.waitstatus_to_exitcode") == 0, "python3 opens the terminal, and there is none");
        return ["python3", "-c", Script, $"{columns}"];
    }
}
