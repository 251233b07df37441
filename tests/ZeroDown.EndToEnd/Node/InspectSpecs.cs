using System.Net.WebSockets;
using Xunit;

namespace ZeroDown.EndToEnd.Node;

/// <summary><c>zd inspect</c>: Node's inspector in a worker that was started without it.</summary>
[Collection(nameof(InspectSpecs))]
public sealed class InspectSpecs : NodeClusterTest
{
    [Fact]
    public async Task It_prints_an_address_that_a_debugger_can_connect_to_and_the_worker_serves_on()
    {
        (await Zd.Run("start", WriteNode(Server()))).Succeeded();
        var url = (await Zd.Run("inspect", "web")).Succeeded().Says("id 0", "chrome://inspect").Out.Trim();
        using (var debugger = new ClientWebSocket())
        {
            await debugger.ConnectAsync(new Uri(url), TestContext.Current.CancellationToken);
            Assert.Equal(WebSocketState.Open, debugger.State);
        }

        Assert.Equal(url, (await Zd.Run("inspect", "0")).Succeeded().Out.Trim());
        await PidsThatAnswer(2);
        (await Zd.Run("reload", "web")).Succeeded();
    }

    [Fact]
    public async Task A_program_that_is_not_Node_has_none()
    {
        (await Zd.Run("start", "sleep 1000", "--name", "job")).Succeeded();
        (await Zd.Run("inspect", "job")).Exited(1).Says("no worker of Node's is online");
        (await Zd.Run("inspect", "nobody")).Exited(1);
    }
}
