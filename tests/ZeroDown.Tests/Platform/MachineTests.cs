using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class MachineTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Clocks_run_forward_from_boot()
    {
        var first = MonotonicClock.Now;
        Assert.True(first > TimeSpan.Zero);
        Assert.True(MonotonicClock.Now >= first);
        Assert.True(MonotonicClock.SinceBoot >= first);
    }

    [Fact]
    public void The_tightest_group_above_us_decides_in_version_two()
    {
        File(folder: "", "memory.max", "1000000");
        File(folder: "", "memory.current", "400000");
        File("a", "memory.max", "500000");
        File("a", "memory.current", "450000");
        File("a", "memory.stat", "anon 1\ninactive_file 20000\nactive_file 5");
        File("a/b", "memory.max", "max");
        File("a/b", "memory.current", "450000");

        Assert.Equal(70_000, Cgroup.MemoryLeft("0::/a/b\n", _folder.Path));
    }

    [Fact]
    public void Version_one_is_read_too_and_its_huge_number_means_no_limit()
    {
        File("memory", "memory.limit_in_bytes", "9223372036854771712");
        File("memory", "memory.usage_in_bytes", "5");
        Assert.Null(Cgroup.MemoryLeft("4:memory:/\n0::/\n", _folder.Path));

        File("memory/x", "memory.limit_in_bytes", "100");
        File("memory/x", "memory.usage_in_bytes", "120");
        Assert.Equal(0, Cgroup.MemoryLeft("4:cpu,memory:/x\n0::/\n", _folder.Path));
    }

    [Fact]
    public void In_a_container_whose_path_leads_nowhere_the_mounted_root_decides()
    {
        File("", "memory.max", "1000");
        File("", "memory.current", "400");

        Assert.Equal(600, Cgroup.MemoryLeft("0::/docker/4711\n", _folder.Path));
    }

    [Fact]
    public void This_machine_has_a_boot_memory_and_cores()
    {
        Assert.NotEmpty(Machine.BootId);
        Assert.True(Machine.CpuCount >= 1);
        Assert.True(OperatingSystem.IsMacOS() || Machine.AvailableMemory > 0);
        Assert.Equal(2048, Machine.FieldInKilobytes("MemTotal: 9 kB\nMemAvailable:       2 kB\n", "MemAvailable:"));
        Assert.Null(Machine.FieldInKilobytes("", "MemAvailable:"));
    }

    [Fact]
    public void The_limit_of_open_files_is_known_here_and_elsewhere()
    {
        SystemLimits.RaiseOpenFiles();
        var ours = SystemLimits.OpenFiles;
        Assert.True(ours.Soft > 0);
        Assert.InRange(SystemLimits.OriginalOpenFilesSoft, 1, ours.Hard);
        Assert.True(OperatingSystem.IsMacOS() || SystemLimits.OpenFilesOf(Environment.ProcessId) == ours);
        Assert.Null(SystemLimits.OpenFilesOf(int.MaxValue));
    }

    [Fact]
    public void We_can_be_started_again()
    {
        var self = SelfExecutable.Current;

        Assert.True(System.IO.File.Exists(self.Path));
        Assert.True(System.IO.File.Exists(self.DisplayPath));
        Assert.All(self.Arguments, argument => Assert.True(System.IO.File.Exists(argument)));
    }

    [Fact]
    public void Errors_have_names_and_texts()
    {
        Assert.Equal("ENOENT", Errno.ENOENT.Name);
        Assert.Equal("No such file or directory (ENOENT)", Errno.ENOENT.ToString());
        Assert.Equal("errno 3999", new Errno(3999).Name);
        Assert.Equal("open /none: No such file or directory (ENOENT)", new SystemCallException("open /none", Errno.ENOENT).Message);
    }

    private void File(string folder, string name, string content)
    {
        Directory.CreateDirectory(_folder[folder]);
        System.IO.File.WriteAllText(Path.Combine(_folder[folder], name), content);
    }
}
