using System.Reflection;
using System.Text;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class ConstantsTests
{
    /// <summary>Ours without a header of their own, or only defined on one of the systems.</summary>
    private static readonly string[] MacOnly = ["SO_NOSIGPIPE"];

    [Fact]
    public void Every_constant_is_what_the_C_compiler_says()
    {
        Tool.Require("cc");
        using var folder = new TempFolder();
        var ours = Ours().ToDictionary(one => one.Name, one => one.Value);
        File.WriteAllText(folder["constants.c"], Program(ours.Keys));

        var (compiled, _) = Tool.Run("cc", "-o", folder["constants"], folder["constants.c"]);
        Assert.Equal(0, compiled);
        var (_, output) = Tool.Run(folder["constants"]);

        var theirs = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToDictionary(pair => pair[0], pair => long.Parse(pair[1], null));
        Assert.True(theirs.Count > 100, output);
        Assert.Equal([], theirs.Where(one => ours[one.Key] != one.Value).Select(one => $"{one.Key}: we have {ours[one.Key]}, the header {one.Value}"));
    }

    private static IEnumerable<(string Name, long Value)> Ours()
    {
        const BindingFlags all = BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (var field in typeof(Constants).GetFields(all).Where(field => field.IsLiteral))
        {
            yield return (field.Name, Number(field.GetRawConstantValue()!));
        }

        foreach (var property in typeof(Constants).GetProperties(all).Where(property => property.Name != "Mac"))
        {
            yield return (property.Name, Number(property.GetValue(null)!));
        }

        foreach (var (name, value) in Errno.Known.Concat(Signals.All))
        {
            yield return (name, value);
        }
    }

    private static long Number(object value) => value is nuint number ? (long)number : Convert.ToInt64(value, null);

    /// <summary>A name that this system's headers do not have is left out, as are those that only the other system has.</summary>
    private static string Program(IEnumerable<string> names)
    {
        var program = new StringBuilder("""
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <netinet/in.h>
            #include <netinet/tcp.h>
            #include <poll.h>
            #include <signal.h>
            #include <stdio.h>
            #include <sys/file.h>
            #include <sys/ioctl.h>
            #include <sys/resource.h>
            #include <sys/socket.h>
            #include <sys/stat.h>
            #include <sys/wait.h>
            #include <time.h>
            #include <unistd.h>
            #ifdef __linux__
            #include <linux/filter.h>
            #include <linux/netlink.h>
            #include <linux/sock_diag.h>
            #include <sys/epoll.h>
            #include <sys/inotify.h>
            #include <sys/mman.h>
            #include <sys/syscall.h>
            #ifndef STATX_BASIC_STATS
            #include <linux/stat.h>
            #endif
            #endif
            #ifdef __APPLE__
            #undef SO_LINGER
            #define SO_LINGER SO_LINGER_SEC
            #undef CLOCK_BOOTTIME
            #endif
            int main(void) {

            """);
        foreach (var name in names.Where(name => !MacOnly.Contains(name) || OperatingSystem.IsMacOS()))
        {
            // SC_CLK_TCK, RLIMIT_ and CLOCK_ names are enumerators in some headers, which #ifdef does not see.
            var header = name == "SC_CLK_TCK" ? "_SC_CLK_TCK" : name;
            var always = name.StartsWith("SC_", StringComparison.Ordinal) || name.StartsWith("RLIMIT_", StringComparison.Ordinal) || name.StartsWith("SOCK_", StringComparison.Ordinal);
            program.AppendLine(always && !(OperatingSystem.IsMacOS() && name is "SOCK_CLOEXEC" or "SOCK_NONBLOCK" && OperatingSystem.IsMacOS())
                ? $"printf(\"{name} %lld\\n\", (long long)({header}));"
                : $"#ifdef {header}\nprintf(\"{name} %lld\\n\", (long long)({header}));\n#endif");
        }

        return program.Append("return 0; }\n").ToString();
    }
}
