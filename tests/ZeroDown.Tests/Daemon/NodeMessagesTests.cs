using System.Text;
using System.Text.Json;
using CsCheck;
using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Workers;

namespace ZeroDown.Tests.Daemon;

/// <summary>The words of Node's channel, as Node 20 writes and expects them. The lines here are recorded from it.</summary>
public sealed class NodeMessagesTests
{
    private static readonly string[] Spoken =
    [
        """{"cmd":"NODE_CLUSTER","act":"online","seq":0}""",
        """{"cmd":"NODE_CLUSTER","act":"queryServer","index":0,"data":null,"address":null,"port":4000,"addressType":4,"seq":1}""",
        """{"cmd":"NODE_CLUSTER","act":"listening","index":0,"data":null,"address":null,"port":4000,"addressType":4,"seq":2}""",
        """{"cmd":"NODE_CLUSTER","act":"close","key":":4000:4::0","seq":3}""",
        """{"cmd":"NODE_CLUSTER","act":"exitedAfterDisconnect","seq":4}""",
        """{"cmd":"NODE_HANDLE_ACK"}""",
        """{"cmd":"NODE_HANDLE_NACK"}""",
        """{"cmd":"NODE_ZD_HELLO","version":"0.1.0"}""",
        """{"cmd":"NODE_ZD_DRAINING","requests":2,"idle":3}""",
        "\"ready\"",
        "{\"type\":\"process:msg\",\"data\":{}}",
        "[1,2,3]",
    ];

    private static readonly Gen<byte[]> Line = Gen.OneOf(
        Gen.OneOf(Spoken).Select(Encoding.UTF8.GetBytes),
        Gen.Select(Gen.OneOf(Spoken), Gen.Int[0, 200], Gen.Byte).Select((text, at, value) =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            bytes[at % bytes.Length] = value == '\n' ? (byte)' ' : value;
            return bytes;
        }),
        Gen.Byte.Where(value => value != '\n').Array[0, 80],
        Gen.Int[0, 3].Select(size => Encoding.UTF8.GetBytes("{\"cmd\":\"NODE_CLUSTER\",\"filler\":\"" + new string('x', size * 40_000) + "\"}")));

    [Fact]
    public void A_question_for_a_port_is_read_as_node_asks_it()
    {
        var asks = Assert.IsType<NodeMessage.Asks>(Parse(Spoken[1]));
        Assert.Equal(new ListenAsk(1, new ListenPoint(null, 4000, "4", null, 0)), asks.Ask);
    }

    [Theory]
    [InlineData("""{"act":"queryServer","index":1,"data":{"ticketKeys":"00"},"address":"::","port":1,"addressType":6,"flags":1,"backlog":7,"seq":5}""", "::", 1, "6", null, 7, true, false)]
    [InlineData("""{"act":"queryServer","index":0,"data":null,"address":"/run/x","port":-1,"addressType":-1,"readableAll":true,"writableAll":true,"backlog":false,"seq":5}""", "/run/x", -1, "-1", null, 511, false, false)]
    [InlineData("""{"act":"queryServer","index":0,"data":null,"address":"0.0.0.0","port":"53","addressType":"udp4","fd":-1,"flags":4,"seq":5}""", "0.0.0.0", 53, "udp4", null, 511, false, true)]
    [InlineData("""{"act":"queryServer","index":0,"data":null,"address":"0.0.0.0","addressType":"udp4","fd":-1,"flags":0,"seq":5}""", "0.0.0.0", null, "udp4", null, 511, false, false)]
    [InlineData("""{"act":"queryServer","index":0,"data":null,"address":null,"port":null,"addressType":null,"fd":3,"seq":5}""", null, null, null, 3, 511, false, false)]
    public void Servers_of_all_kinds_ask_in_their_way(
        string text, string? address, int? port, string? kind, int? fd, int backlog, bool v6Only, bool reuse)
    {
        var ask = Assert.IsType<NodeMessage.Asks>(Parse(text.Replace("{\"act\"", "{\"cmd\":\"NODE_CLUSTER\",\"act\"", StringComparison.Ordinal))).Ask;
        Assert.Equal((address, port, kind, fd), (ask.Point.Address, ask.Point.Port, ask.Point.Kind, ask.Point.Fd));
        Assert.Equal((backlog, v6Only, reuse), (ask.Backlog, ask.V6Only, ask.Reuse));
        Assert.Equal(text.Contains("ticketKeys", StringComparison.Ordinal) ? """{"ticketKeys":"00"}""" : null, ask.Data);
        Assert.Equal(text.Contains("writableAll", StringComparison.Ordinal), ask.Writable);
    }

    [Theory]
    [InlineData("\"ready\"", typeof(NodeMessage.Ready))]
    [InlineData("""{"cmd":"NODE_CLUSTER","act":"online","seq":0}""", typeof(NodeMessage.Online))]
    [InlineData("""{"cmd":"NODE_CLUSTER","act":"exitedAfterDisconnect","seq":4}""", typeof(NodeMessage.LeavesByItself))]
    [InlineData("""{"cmd":"NODE_CLUSTER","act":"of a Node to come","seq":4}""", typeof(NodeMessage.WantsAnswer))]
    [InlineData("""{"cmd":"NODE_CLUSTER","ack":4,"seq":4}""", null)]
    [InlineData("""{"cmd":"NODE_CLUSTER","act":"queryServer"}""", typeof(NodeMessage.Nonsense))]
    [InlineData("""{"cmd":"NODE_CLUSTER",""", typeof(NodeMessage.Nonsense))]
    [InlineData("""{"cmd":"NODE_CLUSTER","act":"\uD800","seq":1}""", typeof(NodeMessage.Nonsense))]
    [InlineData("""{"cmd":"NODE_HANDLE","type":"net.Socket","msg":"mine"}""", typeof(NodeMessage.SendsHandle))]
    [InlineData("""{"cmd":"NODE_ZD_DRAINED"}""", typeof(NodeMessage.Drained))]
    [InlineData("""{"cmd":"NODE_OF_OTHERS"}""", null)]
    [InlineData("""{"text":"I say \"NODE_CLUSTER\""}""", null)]
    [InlineData("\"online\"", null)]
    [InlineData("", null)]
    public void Every_other_word_has_its_meaning_or_none(string text, Type? meaning) => Assert.Equal(meaning, Parse(text)?.GetType());

    [Fact]
    public void The_answers_are_those_of_nodes_own_primary()
    {
        var ask = new ListenAsk(7, new ListenPoint("::", 443, "6", null, 0)) { Data = """{"keys":"aa"}""" };
        Assert.Equal(
            """{"cmd":"NODE_HANDLE","type":"net.Native","msg":{"cmd":"NODE_CLUSTER","ack":7,"key":":::443:6::0","errno":0,"data":{"keys":"bb"}}}""" + "\n",
            Text(NodeMessages.HandOver(ask, datagrams: false, """{"keys":"bb"}""")));
        Assert.Equal("""{"cmd":"NODE_CLUSTER","ack":7,"key":":::443:6::0","errno":-98,"data":{"keys":"aa"}}""" + "\n", Text(NodeMessages.Refuse(ask, 98)));
        Assert.Contains("\"dgram.Native\"", Text(NodeMessages.HandOver(ask, datagrams: true, null)), StringComparison.Ordinal);
        Assert.Equal("""{"cmd":"NODE_CLUSTER","ack":4}""" + "\n", Text(NodeMessages.Acknowledge(4)));
        Assert.Equal("""{"cmd":"NODE_CLUSTER","act":"disconnect"}""" + "\n", Text(NodeMessages.Disconnect()));
        Assert.Equal("\"shutdown\"\n", Text(NodeMessages.Shutdown()));
        var drain = new DrainOrder(DrainReason.Reload, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30));
        Assert.Equal("""{"cmd":"NODE_ZD_DRAIN","why":"reload","idleMs":3000,"drainMs":30000,"signal":"SIGINT"}""" + "\n", Text(NodeMessages.Drain(drain, "SIGINT", stay: false)));
        Assert.Equal("""{"cmd":"NODE_ZD_DRAIN","why":"reload","idleMs":3000,"drainMs":30000,"signal":"SIGINT","stay":true}""" + "\n", Text(NodeMessages.Drain(drain, "SIGINT", stay: true)));
    }

    [Fact]
    public void Whatever_a_worker_asks_for_the_answer_is_one_line_of_json_with_its_number_and_key() =>
        Gen.Select(Gen.Long, Gen.String, Gen.Int, Gen.String, Gen.String).Sample((seq, address, port, kind, data) =>
        {
            var ask = new ListenAsk(seq, new ListenPoint(address, port, kind, null, 0));
            var line = NodeMessages.HandOver(ask, false, JsonSerializer.Serialize(data));
            Assert.Equal(line.Length - 1, line.IndexOf((byte)'\n'));
            using var json = JsonDocument.Parse(line);
            var answer = json.RootElement.GetProperty("msg");
            Assert.Equal(seq, answer.GetProperty("ack").GetInt64());
            Assert.Equal(JsonSerializer.Serialize(ask.Point.Key), JsonSerializer.Serialize(answer.GetProperty("key").GetString()));
        }, iter: 2000);

    [Fact]
    public void Lines_that_arrive_in_any_pieces_mean_the_same_as_in_one() =>
        Gen.Select(Line.Array[0, 8], Gen.Int[1, 90_000].Array[1, 40]).Sample((lines, pieces) =>
        {
            var expected = lines.Where(line => line.Length < NodeLines.LongestLine).Select(line => NodeMessages.Parse(line)).OfType<NodeMessage>();
            byte[] all = [.. lines.SelectMany(line => line.Append((byte)'\n'))];
            Assert.Equal(expected, Read(all, pieces));
        }, iter: 2000);

    [Fact]
    public void A_line_that_is_too_long_is_passed_over_and_the_next_one_is_heard()
    {
        var lines = new NodeLines();
        var messages = new List<NodeMessage>();
        var flood = new byte[NodeLines.LongestLine];
        Assert.Equal(flood.Length, lines.Look(flood, messages));
        Assert.True(lines.WasTooLong);
        Assert.Equal(flood.Length, lines.Look(flood, messages));
        Assert.Equal(12, lines.Look("end\n\"ready\"\n"u8, messages));
        Assert.IsType<NodeMessage.Ready>(Assert.Single(messages));
    }

    [Fact]
    public void Half_a_line_is_left_where_it_is()
    {
        var lines = new NodeLines();
        var messages = new List<NodeMessage>();
        Assert.Equal(0, lines.Look("\"rea"u8, messages));
        Assert.Equal(8, lines.Look("\"ready\"\n\"re"u8, messages));
        Assert.Single(messages);
    }

    /// <summary>As the channel does it: looks at what has come and is not taken, at most 64 KiB, and takes what it is told to.</summary>
    private static List<NodeMessage> Read(byte[] all, int[] pieces)
    {
        var (lines, messages) = (new NodeLines(), new List<NodeMessage>());
        var (taken, arrived, turn) = (0, 0, 0);
        while (taken < all.Length)
        {
            var length = lines.Look(all.AsSpan(taken, Math.Min(arrived - taken, NodeLines.LongestLine)), messages);
            taken += length;
            if (length > 0)
                continue;
            Assert.True(arrived < all.Length, "everything has come, and something is left lying");
            arrived = Math.Min(all.Length, arrived + pieces[turn++ % pieces.Length]);
        }

        return messages;
    }

    private static NodeMessage? Parse(string text) => NodeMessages.Parse(Encoding.UTF8.GetBytes(text));

    private static string Text(byte[] line) => Encoding.UTF8.GetString(line);
}
