using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>Two workers of a program that binds its own port: the second one cannot, and the answer says why.</summary>
public sealed class TakenPortSpecs : EndToEndTest
{
    [Fact]
    public async Task Two_workers_behind_npm_start_are_a_failure_that_names_the_worker_and_the_remedies()
    {
        Assert.SkipUnless(Tool.Run("npm", "--version") == 0, "npm is not installed");
        Zd.Write("package.json", """{ "name": "x", "scripts": { "start": "node server.js" } }""");
        Zd.Write("server.js", $"require('http').createServer((q, s) => s.end('pid=' + process.pid)).listen({Port}, '127.0.0.1')");
        (await Zd.Run("start", "npm", "-i", "2", "--", "start")).Exited(1)
            .Says("npm:", "address is already in use", "only one can bind it", "in place of npm", "listen:", "zd scale npm 1").HasNoStackTrace();
        (await Zd.Run("scale", "npm", "1")).Succeeded();
    }

    [Fact]
    public async Task A_scale_to_two_is_a_failure_and_the_first_worker_serves_on()
    {
        Assert.SkipUnless(Tool.Run("python3", "--version") == 0, "python3 is not installed");
        Zd.Write("server.py", $"import socket, time\ns = socket.socket()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.bind(('127.0.0.1', {Port}))\ns.listen()\ntime.sleep(1000)\n");
        (await Zd.Run("start", "server.py")).Succeeded();
        var pid = Assert.Single(await Zd.List()).Pid;
        (await Zd.Run("scale", "server", "2")).Exited(1).Says("server:1", "Errno 98", "only one can bind it", "zd scale server 1");
        (await Zd.Run("scale", "server", "1")).Succeeded();
        Assert.Equal((pid, "online"), (Assert.Single(await Zd.List()).Pid, (await Zd.List())[0].Status));
    }

    [Fact]
    public async Task One_worker_whose_port_another_program_has_is_not_told_to_share_it()
    {
        Assert.SkipUnless(Tool.Run("python3", "--version") == 0, "python3 is not installed");
        Zd.Write("server.py", $"import socket, time\ns = socket.socket()\ns.bind(('127.0.0.1', {Port}))\ns.listen()\ntime.sleep(1000)\n");
        (await Zd.Run("start", "server.py")).Succeeded();
        (await Zd.Run("start", "server.py", "--name", "other")).Exited(1).Says("by another program", "ss -ltnp");
    }
}
