using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

/// <summary>
/// <c>zd deploy</c> with pm2's file, a real repository, and an <c>ssh</c> that writes down how it was called and runs the command here: the "hosts" are
/// folders of this machine.
/// </summary>
public sealed class DeploySpecs : EndToEndTest
{
    private readonly string _work;

    public DeploySpecs()
    {
        Zd.Write("bin/ssh", """
            #!/bin/sh
            echo "$@" >> "$SSH_LOG"
            case "$*" in *unreachable*) echo "ssh: connect to host unreachable port 22: No route to host" >&2; exit 255;; esac
            for script in "$@"; do :; done
            exec sh -c "$script"
            """, executable: true);
        Zd.Environment["PATH"] = $"{Path.Combine(Zd.Folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        Zd.Environment["SSH_LOG"] = Path.Combine(Zd.Folder, "ssh.log");
        Zd.Environment["HOME"] = Zd.Folder;
        _work = Path.Combine(Zd.Folder, "work");
        Zd.Write("work/version", "one");
        WriteFile("host.example");
        Git("init", "-q", "-b", "main");
        Commit("one");
        Git("clone", "-q", "--bare", ".", "../origin.git");
        Git("remote", "add", "origin", "../origin.git");
        Git("fetch", "-q");
        Git("branch", "-q", "--set-upstream-to=origin/main");
    }

    private string Deployed => File.ReadAllText(Path.Combine(Zd.Folder, "srv/current/version"));

    [Fact]
    public async Task Setup_update_and_revert_bring_what_they_say()
    {
        (await Deploy("production", "setup")).Succeeded().Says("is set up");
        Assert.True(Directory.Exists(Path.Combine(Zd.Folder, "srv/shared/logs")));
        (await Deploy("production")).Succeeded();
        Push("two");
        (await Deploy("production", "update")).Succeeded().Says("post-deploy", "host.example has origin/main");
        Assert.Equal("two", Deployed);
        Assert.Equal($"two production {Zd.Folder}/srv/shared\n", File.ReadAllText(Path.Combine(Zd.Folder, "posted")));

        var list = (await Deploy("production", "list")).Succeeded().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["0", "1"], list.Select(line => line.Split(' ')[0]));
        Assert.StartsWith(Git("rev-parse", "--short", "HEAD"), (await Deploy("production", "current")).Succeeded().Out, StringComparison.Ordinal);
        Assert.Equal(list[1].Split(' ')[^1], (await Deploy("production", "prev")).Succeeded().Out.Trim());

        (await Deploy("production", "revert", "1")).Succeeded();
        Assert.Equal("one", Deployed);
        (await Deploy("production", "revert", "7")).Exited(1).Says("has not been deployed to 8 times");
        (await Deploy("production", "ref", "origin/main")).Succeeded();
        Assert.Equal("two", Deployed);
        Assert.Equal("two", (await Deploy("production", "exec", "cat version")).Succeeded().Out.Trim());
        (await Deploy("production", "exec", "exit 3")).Exited(1).Says("exit code 3");
    }

    [Fact]
    public async Task Ssh_is_called_with_what_the_file_says()
    {
        (await Deploy("production", "current")).Exited(1);
        Assert.StartsWith($"-o StrictHostKeyChecking=no -A -p 2222 -i {Zd.Folder}/.ssh/key ada@host.example eval \"$(cat)\"\n", File.ReadAllText(Path.Combine(Zd.Folder, "ssh.log")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("needs_tty: true,")]
    public async Task Values_are_on_no_command_line_and_names_are_names(string terminal)
    {
        var file = Path.Combine(_work, "ecosystem.config.js");
        var said = File.ReadAllText(file).Replace("env: {", $"{terminal} env: {{ TOKEN: 's3cret \\'; echo $HOME', ", StringComparison.Ordinal)
            .Replace("echo $(cat", "printenv TOKEN >> posted-token; cat < /proc/$$/cmdline > command-line; ls /tmp/zd-deploy.* >> left 2>/dev/null; read line; echo $(cat", StringComparison.Ordinal);
        File.WriteAllText(file, said);
        Commit("with a token");
        Git("push", "-q", "origin", "main");
        (await Deploy("production", "setup")).Succeeded();
        (await Deploy("production")).Succeeded();

        Assert.Equal("s3cret '; echo $HOME\n", File.ReadAllText(Path.Combine(Zd.Folder, "srv/current/posted-token")));
        Assert.DoesNotContain("s3cret", File.ReadAllText(Path.Combine(Zd.Folder, "ssh.log")), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", File.ReadAllText(Path.Combine(Zd.Folder, "srv/current/command-line")), StringComparison.Ordinal);
        Assert.Equal("", File.ReadAllText(Path.Combine(Zd.Folder, "srv/current/left")));

        foreach (var (name, problem) in ((string, string)[])[("A=1; touch here; B", "is no name of a variable"), ("A;touch here", "cannot export 'A;touch here'")])
        {
            File.WriteAllText(file, said.Replace("TOKEN:", $"'{name}':", StringComparison.Ordinal));
            (await Deploy("production", "--force")).Exited(5).Says(problem).HasNoStackTrace();
        }
    }

    [Fact]
    public async Task What_is_not_pushed_is_not_deployed_without_force()
    {
        (await Deploy("production", "setup")).Succeeded();
        Zd.Write("work/version", "changed");
        (await Deploy("production")).Exited(1).Says("commit or stash");
        Commit("changed");
        (await Deploy("production")).Exited(1).Says("push your commits");
        (await Deploy("production", "--force")).Succeeded();
        Assert.Equal("one", Deployed);
    }

    [Fact]
    public async Task A_host_that_fails_ends_the_run_and_the_message_says_what_was_not_reached()
    {
        WriteFile("host.example", "unreachable", "third");
        (await Deploy("production", "setup")).Exited(1).Says("making folders failed on unreachable", "ssh could not reach it", "Not touched: third").HasNoStackTrace();
    }

    [Fact]
    public async Task A_failing_hook_says_how_far_it_came()
    {
        (await Deploy("production", "setup")).Succeeded();
        File.WriteAllText(Path.Combine(_work, "ecosystem.config.js"), File.ReadAllText(Path.Combine(_work, "ecosystem.config.js")).Replace("echo $(cat", "echo broken >&2; false && echo $(cat", StringComparison.Ordinal));
        (await Deploy("production", "--force")).Exited(1).Says("broken", "post-deploy", "the files there are those of origin/main already", "revert 1");
    }

    [Fact]
    public async Task What_cannot_be_meant_is_said_and_nothing_is_called()
    {
        (await Deploy("prodution")).Exited(1).Says("has no environment 'prodution'", "did you mean 'production'?");
        (await Deploy("production", "revert", "x")).Exited(2);
        (await Deploy()).Exited(2);
        Zd.Write("work/other.yaml", "apps: [{script: x}]\ndeploy: {production: {host: -oProxyCommand=x, ref: main, path: relative}}\n");
        (await Deploy("other.yaml", "production")).Exited(5).Says("has no 'repo'").HasNoStackTrace();
        Zd.Write("work/other.yaml", "deploy: {production: {host: -oProxyCommand=x, ref: --x, path: relative, repo: r, hots: x}}\n");
        (await Deploy("other.yaml", "production")).Exited(5).Says("no name of a host", "cannot be meant", "no folder on the host", "did you mean 'host'?");
        Assert.False(File.Exists(Path.Combine(Zd.Folder, "ssh.log")));
    }

    private Task<ZdResult> Deploy(params string[] words) => Zd.RunIn(_work, ["deploy", .. words]);

    private void WriteFile(params string[] hosts) => Zd.Write("work/ecosystem.config.js", $$"""
        module.exports = {
          apps: [{ name: 'app', script: 'server.js' }],
          deploy: {
            production: {
              user: 'ada', host: ['{{string.Join("', '", hosts)}}'], port: '2222', key: '~/.ssh/key', 'forward-agent': 'yes', ssh_options: 'StrictHostKeyChecking=no',
              ref: 'origin/main', repo: '{{Zd.Folder}}/origin.git', path: '{{Zd.Folder}}/srv',
              'pre-deploy-local': 'true',
              'post-deploy': 'echo $(cat version) $NODE_ENV $SHARED > {{Zd.Folder}}/posted',
              env: { NODE_ENV: 'production' }
            }
          }
        };
        """);

    private void Push(string version)
    {
        Zd.Write("work/version", version);
        Commit(version);
        Git("push", "-q", "origin", "main");
    }

    private void Commit(string message)
    {
        Git("add", "-A");
        Git("-c", "user.name=ada", "-c", "user.email=ada@example", "commit", "-q", "-m", message);
    }

    private string Git(params string[] words)
    {
        using var git = Process.Start(new ProcessStartInfo("git", words) { WorkingDirectory = _work, RedirectStandardOutput = true })!;
        var said = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return said;
    }
}
