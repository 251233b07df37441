using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

/// <summary><c>zd serve</c>, and pm2's <c>script: serve</c> in a file: folders, served by the binary itself on a socket of the daemon's.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class ServeSpecs : EndToEndTest
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ServeSpecs()
    {
        Zd.Write("site/index.html", "<h1>home</h1>");
        Zd.Write("site/large.bin", new string('x', 300_000));
    }

    [Fact]
    public async Task Reloads_and_a_restart_under_load_lose_nothing()
    {
        (await Zd.Run("serve", "site", $"{Port}", "-i", "2", "--host", "127.0.0.1")).Succeeded().Says("Serving");
        await using var small = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 20, Fresh = 20, Think = TimeSpan.FromMilliseconds(20), MustContain = "home" });
        await using var large = LoadRun.Start(new LoadPlan(new Uri(Url, "/large.bin")) { KeepAlive = 4, Fresh = 4, Seed = 2 });
        await Task.WhenAll(small.WaitForRequestsAsync(200, Soon), large.WaitForRequestsAsync(20, Soon));
        foreach (var command in new[] { "reload all", "reload all", "restart all", "scale static-page-server-" + Port + " 1", "reload all" })
        {
            (await Zd.Run(command.Split(' '))).Succeeded();
            await small.WaitForMoreAsync(100, Soon);
        }

        Assert.All(await Task.WhenAll(small.StopAsync(), large.StopAsync()), NothingFailed);
    }

    [Fact]
    public async Task What_is_no_file_is_not_opened_and_holds_nobody_up()
    {
        Assert.Equal(0, Tool.Run("mkfifo", Path.Combine(Zd.Folder, "site/pipe")));
        File.CreateSymbolicLink(Path.Combine(Zd.Folder, "site/zero"), "/dev/zero");
        (await Zd.Run("serve", "site", $"{Port}", "--host", "127.0.0.1")).Succeeded();
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        foreach (var name in (string[])["/pipe", "/zero", "/pipe", "/pipe", "/zero"])
        {
            using var answer = await client.GetAsync(new Uri(Url, name), Stop);
            Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.Forbidden, HttpStatusCode.NotFound]);
        }

        Assert.Equal("<h1>home</h1>", await client.GetStringAsync(Url, Stop));
    }

    [Fact]
    public async Task Script_serve_of_a_pm2_file_asks_for_a_password_and_answers_with_the_home_page()
    {
        Zd.Write("ecosystem.config.json", $$"""
            { "apps": [{ "name": "site", "script": "serve", "env": {
                "PM2_SERVE_PATH": "./site", "PM2_SERVE_PORT": {{Port}}, "PM2_SERVE_SPA": "true", "PM2_SERVE_HOMEPAGE": "/index.html",
                "PM2_SERVE_BASIC_AUTH": "true", "PM2_SERVE_BASIC_AUTH_USERNAME": "ada", "PM2_SERVE_BASIC_AUTH_PASSWORD": "1815" } }] }
            """);
        (await Zd.Run("start", "ecosystem.config.json")).Succeeded();
        using var client = new HttpClient();
        using (var refused = await client.GetAsync(Url, Stop))
            Assert.Equal((HttpStatusCode.Unauthorized, "Basic"), (refused.StatusCode, refused.Headers.WwwAuthenticate.Single().Scheme));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:1815")));
        Assert.Equal("<h1>home</h1>", await client.GetStringAsync(new Uri(Url, "/users/7"), Stop));
        using var posted = await client.PostAsync(Url, new StringContent("x"), Stop);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public async Task A_client_gets_stretches_and_need_not_load_twice()
    {
        (await Zd.Run("serve", "site", "--port", $"{Port}")).Succeeded();
        using var client = new HttpClient();
        using var whole = await client.GetAsync(new Uri(Url, "/large.bin"), Stop);
        Assert.Equal(300_000, (await whole.Content.ReadAsByteArrayAsync(Stop)).Length);
        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, "/large.bin")) { Headers = { IfNoneMatch = { whole.Headers.ETag! } } };
        using (var unchanged = await client.SendAsync(again, Stop))
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        using var part = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, "/large.bin")) { Headers = { Range = new RangeHeaderValue(299_990, null) } };
        using (var stretch = await client.SendAsync(part, Stop))
            Assert.Equal((HttpStatusCode.PartialContent, "xxxxxxxxxx"), (stretch.StatusCode, await stretch.Content.ReadAsStringAsync(Stop)));
    }

    [Fact]
    public async Task What_cannot_be_served_is_said_before_anything_is_started()
    {
        (await Zd.Run("serve", "nowhere")).Exited(1).Says("does not exist").HasNoStackTrace();
        (await Zd.Run("serve", "site", "--basic-auth-username", "ada")).Exited(2).Says("belong together");
        Assert.Empty(await Zd.List());
    }
}
