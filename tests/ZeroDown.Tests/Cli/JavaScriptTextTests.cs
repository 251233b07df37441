using System.Text.Json.Nodes;
using Xunit;
using ZeroDown.Cli.Views;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Cli;

public sealed class JavaScriptTextTests
{
    /// <summary>Each on one line.</summary>
    private static readonly string[] Values =
    [
        "[]", "{}", "null", "true", "1.5", "-3", "\"\"", "\"text\"", "[1]", "[null]", "[[]]", "[{}]",
        """{"pid":1,"name":"api","pm2_env":{"status":"online","env":{"PATH":"/usr/bin","my-key":"x","1st":"y","$dollar":"z","":"empty"},"args":[],"axm_monitor":{}},"pm_id":0,"monit":{"memory":27500000,"cpu":0.1}}""",
        """["it's","say \"it's\"","`it's \"so\"`","${it's} \"so\"","a\\b","\u0000\u001b[31m\u007f\u0085\u000b","tab\there"]""",
        """{"text":"one line\nanother line which is long enough to make the whole text longer than a line\n","short":"a\nb","only":"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"}""",
        """{"a":{"b":{"c":{"d":{"e":{}}}}}}""", """{"a":{"b":{"c":{"d":1}}},"e":2}""", """[{"a":{"b":{"c":1}}},{"a":[]}]""",
        """[1,2,3,4,5,6]""", """[1,2,3,4,5,6,7]""", """[0,10,200,3000,40000,500000,6000000,70000000,800000000]""", """["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p"]""",
        """["--port","3000","--host","127.0.0.1","--verbose","--name","api","--very-long-option-that-is-longer-than-the-others-by-far"]""",
        """["--port","3000","--host","0.0.0.0","--verbose","--name","api"]""", """[1,null,3,"4",5,6,7,8]""", """[[1,2],[3,4],[5,6],[7,8],[9,10],[11,12],[13,14]]""",
        """{"metrics":{"v8":true,"network":false,"eventLoop":true,"runtime":true,"http":true},"tracing":{"enabled":false,"outbound":false}}""",
        """{"umlaut":"grün","emoji":"😀😀😀😀","wide":"日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語"}""",
        """{"aaaaaaaaaaaaaaaaaaaa":"bbbbbbbbbbbbbbbbbbbb","cccccccccc":"dddddddddd"}""", """{"aaaaaaaaaaaaaaaaaaaa":"bbbbbbbbbbbbbbbbbbbb","cccccccccc":"ddddddddddddddddd"}""",
    ];

    [Fact]
    public void It_is_what_node_prints()
    {
        Tool.Require("node");
        using var folder = new TempFolder();
        File.WriteAllLines(folder["values"], Values);
        const string script = """
            const values = require('fs').readFileSync(process.argv[1], 'utf8').trimEnd().split('\n').map(line => JSON.parse(line));
            console.log(JSON.stringify(values.map(value => require('util').inspect(value, false, null, false))));
            """;
        var (code, printed) = Tool.Run("node", "-e", script, folder["values"]);
        Assert.Equal(0, code);
        var expected = JsonNode.Parse(printed)!.AsArray().Select(text => text!.GetValue<string>()).ToArray();
        Assert.Equal(Values.Length, expected.Length);
        for (var index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], JavaScriptText.Of(JsonNode.Parse(Values[index])));
    }

    [Fact]
    public void Nothing_is_left_out_of_a_long_list()
    {
        var text = JavaScriptText.Of(new JsonArray([.. Enumerable.Range(0, 200).Select(number => JsonValue.Create(number))]));
        Assert.Contains("199", text, StringComparison.Ordinal);
    }
}
