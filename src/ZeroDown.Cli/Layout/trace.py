"""Which methods of an AOT-compiled zd run in a keeper, in a daemon and in everyday commands, in the order of their first call.

    python3 src/ZeroDown.Cli/Layout/trace.py artifacts/aot/zd > methods.txt

Every method of the binary begins with a breakpoint; the one that is hit is noted and taken away again, so nothing runs slower after that.
Linux on x64, as root or with ptrace allowed; needs nm and readelf (binutils), node, and zd.dbg beside zd. What is made of the list: README.md.
"""
import ctypes
import os
import signal
import struct
import subprocess
import sys
import tempfile

TRACEME, CONT, GETREGS, SETREGS, DETACH, SETOPTIONS, GETEVENTMSG = 0, 7, 12, 13, 17, 0x4200, 0x4201
FOLLOW_FORK, FOLLOW_VFORK, FOLLOW_CLONE, TELL_EXEC, DIE_WITH_US = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 20
EVENT_EXEC = 4
ALL_KINDS_OF_CHILDREN = 0x40000000  # __WALL
RIP, REGISTERS = 16, 27  # struct user_regs_struct
BREAKPOINT = 0xCC

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, pid, data=None):
    """False if the process is gone."""
    return libc.ptrace(request, pid, None, data) != -1


class Binary:
    """Where its managed methods begin."""

    def __init__(self, path):
        self.path = os.path.realpath(path)
        header = subprocess.run(["readelf", "-hSW", self.path], capture_output=True, text=True, check=True).stdout
        if "EXEC" not in header:
            sys.exit(f"{path} is position-independent; what is traced here lies at a fixed address")
        section = next(line.split("]", 1)[1].split() for line in header.splitlines() if " __managedcode " in line)
        self.start, size = int(section[2], 16), int(section[4], 16)
        with open(self.path, "rb") as file:
            file.seek(int(section[3], 16))
            self.code = file.read(size)
        symbols = subprocess.run(["nm", self.path + ".dbg"], capture_output=True, text=True, check=True).stdout
        self.methods = {}
        for line in symbols.splitlines():
            address, kind, name = line.rsplit(maxsplit=2) if line[0] != " " else ("0", "", "")
            if kind in "tTwW" and self.start <= int(address, 16) < self.start + size:
                # Methods with the same machine code are one, under all their names.
                self.methods.setdefault(int(address, 16), []).append(name)
        patched = bytearray(self.code)
        for address in self.methods:
            patched[address - self.start] = BREAKPOINT
        self.patched = bytes(patched)


class Trace:
    def __init__(self, binary):
        self.binary = binary
        self.roles = {}  # of a process, by pid
        self.calls = {"keeper": {}, "daemon": {}, "command": {}}

    def run(self, words, environment):
        """Returns the exit code when the program and all that it started have ended."""
        root = os.fork()
        if root == 0:
            ptrace(TRACEME, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execvpe(words[0], words, environment)
        os.waitpid(root, 0)
        ptrace(SETOPTIONS, root, FOLLOW_FORK | FOLLOW_VFORK | FOLLOW_CLONE | TELL_EXEC | DIE_WITH_US)
        ptrace(CONT, root)
        while True:
            try:
                thread, status = os.waitpid(-1, ALL_KINDS_OF_CHILDREN)
            except ChildProcessError:
                return code
            if os.WIFSTOPPED(status):
                self.stopped(thread, os.WSTOPSIG(status), status >> 16)
            elif thread == root:
                code = os.waitstatus_to_exitcode(status)

    def stopped(self, thread, what, event):
        if event == EVENT_EXEC:
            if not self.begin(thread):
                ptrace(DETACH, thread)
                return
        elif what == signal.SIGTRAP and event == 0 and self.hit(thread):
            pass
        elif event == 0 and what not in (signal.SIGTRAP, signal.SIGSTOP):
            ptrace(CONT, thread, what)
            return
        ptrace(CONT, thread)

    def begin(self, pid):
        """A process has become another program. False if it is none of ours."""
        program = os.readlink(f"/proc/{pid}/exe")
        if program != self.binary.path:
            return os.path.basename(program) in ("sh", "dash", "bash")
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
        self.roles[pid] = words[1].decode() if words[1] in (b"keeper", b"daemon") else "command"
        with open(f"/proc/{pid}/mem", "r+b", 0) as memory:
            memory.seek(self.binary.start)
            memory.write(self.binary.patched)
        return True

    def hit(self, thread):
        registers = (ctypes.c_ulonglong * REGISTERS)()
        if not ptrace(GETREGS, thread, ctypes.addressof(registers)):
            return False
        address = registers[RIP] - 1
        if address not in self.binary.methods:
            return False
        with open(f"/proc/{thread}/mem", "r+b", 0) as memory:
            memory.seek(address)
            memory.write(self.binary.code[address - self.binary.start:][:1])
        registers[RIP] = address
        ptrace(SETREGS, thread, ctypes.addressof(registers))
        with open(f"/proc/{thread}/status") as file:
            pid = int(next(line for line in file if line.startswith("Tgid")).split()[1])
        # A child that has not become its program yet counts as its parent's role.
        role = self.roles.get(pid, "command")
        self.calls[role].update(dict.fromkeys(self.binary.methods[address]))
        return True


def main():
    binary = Binary(sys.argv[1])
    trace = Trace(binary)
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as home:
        code = trace.run(["/bin/sh", os.path.join(here, "everyday.sh"), binary.path], {**os.environ, "ZD_HOME": os.path.join(home, "zd"), "NO_COLOR": "1"})
    if code != 0:
        sys.exit(f"everyday.sh failed, exit code {code}")
    told = {}
    for role, methods in trace.calls.items():
        new = [name for name in methods if name not in told]
        told.update(dict.fromkeys(new))
        print(f"{role}: {len(methods)} names of methods, {len(new)} more", file=sys.stderr)
    if len(told) < 1000:
        sys.exit("fewer methods than can be true")
    print("\n".join(told))


main()
