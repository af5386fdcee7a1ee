using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Numerics;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class ResponseTests(TestServer server) : HttpTest(server)
{
    [Fact]
    public async Task A_result_has_all_there_is_to_know()
    {
        dynamic result = await OneAsync("[pscustomobject]@{ Uri = \"$base/json?body=1\"; Tag = 'mine' } | Invoke-Concurrent");

        Assert.Equal(Server.Base + "/json?body=1", result.Uri.ToString());
        Assert.Equal(HttpStatusCode.OK, result.StatusCode);
        Assert.Equal(200, result.Status);
        Assert.Equal(true, result.IsSuccess);
        Assert.Equal("OK", result.ReasonPhrase);
        Assert.Equal(new Version(1, 1), result.HttpVersion);
        Assert.Equal("application/json", result.ContentType);
        Assert.Equal("1", result.Content);
        Assert.Equal("1"u8.ToArray(), result.RawContent);
        Assert.Equal(1, result.Attempt);
        Assert.Equal(0L, result.Index);
        Assert.Equal("mine", result.InputObject.Tag);
        Assert.True(result.Elapsed > TimeSpan.Zero);
        ScriptRun headers = await Session.RunAsync("(Invoke-Concurrent -Uri \"$base/json?body=1\").Headers['content-TYPE']");
        Assert.Equal(["application/json"], headers.Output);
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "E4", "ä")]
    [InlineData("text/plain; charset=\"windows-1252\"", "80", "€")]
    [InlineData("text/plain; charset=utf-16", "E400", "ä")]
    [InlineData("text/plain", "C3A4", "ä")]
    [InlineData("text/plain; charset=iso-8859-1", "EFBBBFC3A4", "ä")]
    [InlineData("text/plain; charset=nonsense", "C3A4", "ä")]
    [InlineData("text/html", "3C6D65746120636861727365743D2269736F2D383835392D31223EE4", "<meta charset=\"iso-8859-1\">ä")]
    [InlineData("application/octet-stream", "C3A4", "ä")]
    public async Task Text_is_decoded_by_its_charset(string type, string hex, string text)
    {
        Session.Set("u", $"{Server.Base}/text?type={Uri.EscapeDataString(type)}&body={hex}");

        Assert.Equal([text], (await Session.RunAsync("Invoke-Concurrent -Uri $u -As Text")).Output);
        Assert.Equal([text], (await Session.RunAsync("(Invoke-Concurrent -Uri $u).Content")).Output);
        Assert.Equal([text], (await Session.RunAsync("Invoke-Concurrent -Uri $u -As Lines")).Output);
        Assert.Equal([Convert.FromHexString(hex)], (await Session.RunAsync("Invoke-Concurrent -Uri $u -As Bytes")).Output);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Compressed_bodies_are_decompressed(string encoding)
    {
        ScriptRun run = await Session.RunAsync($"(Invoke-Concurrent -Uri \"$base/{encoding}?size=100000\").Content");

        Assert.Equal([new string('0', 100_000)], run.Output);
    }

    public static TheoryData<string, object?[]> Values => new()
    {
        { "1", [1L] },
        { "-0", [0L] },
        { "1.5", [1.5] },
        { "1e3", [1000.0] },
        { "1e400", [double.PositiveInfinity] },
        { "12345678901234567890", [BigInteger.Parse("12345678901234567890", CultureInfo.InvariantCulture)] },
        { "true", [true] },
        { "null", [null] },
        { "\"text\"", ["text"] },
        { "\"2020-01-02T03:04:05Z\"", [new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc)] },
        { "\"2020-01-02T03:04:05.1234567\"", [new DateTime(2020, 1, 2, 3, 4, 5).AddTicks(1234567)] },
        { "\"2020-01-02T03:04:05+02:00\"", [new DateTime(2020, 1, 2, 1, 4, 5, DateTimeKind.Utc).ToLocalTime()] },
        { "\"2020-01-02T24:00:00Z\"", [new DateTime(2020, 1, 3, 0, 0, 0, DateTimeKind.Utc)] },
        { "\"/Date(0)/\"", [DateTime.UnixEpoch] },
        { "\"2020-01-02\"", ["2020-01-02"] },
        { "\"2020-13-02T03:04:05Z\"", ["2020-13-02T03:04:05Z"] },
        { "[1,[2,3],]", [1L, new object[] { 2L, 3L }] },
        { "[]", [] },
        { "", [] },
        { "// comment\n1", [1L] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task JSON_becomes_what_ConvertFrom_Json_makes_of_it(string json, object?[] values)
    {
        Session.Set("u", $"{Server.Base}/json?body={Uri.EscapeDataString(json)}");
        ScriptRun run = await Session.RunAsync("Invoke-Concurrent -Uri $u -As Json");

        Assert.Empty(run.Errors);
        Assert.Equal(values, run.Output);
    }

    [Fact]
    public async Task JSON_objects_keep_the_order_and_the_last_of_equal_keys()
    {
        Session.Set("u", $"{Server.Base}/json?body={Uri.EscapeDataString("{\"b\":1,\"a\":{\"c\":[]},\"b\":2}")}");
        ScriptRun run = await Session.RunAsync(
            "$o = Invoke-Concurrent -Uri $u -As Json; $o.psobject.Properties.Name; $o.b; $o.a.c.GetType().Name; $o.GetType().Name");

        Assert.Equal(["b", "a", 2L, "Object[]", "PSCustomObject"], run.Output);
    }

    [Theory]
    [InlineData("{\"a\":1,\"A\":2}")]
    [InlineData("{\"\":1}")]
    [InlineData("{")]
    [InlineData("<html>")]
    [InlineData("{} {}")]
    public async Task What_is_not_JSON_is_an_error_with_the_response(string body)
    {
        Session.Set("u", $"{Server.Base}/json?body={Uri.EscapeDataString(body)}");
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $u -As Json");

        Assert.Equal("HttpJsonInvalid,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ParserError, error.CategoryInfo.Category);
        Assert.Equal(body, ErrorTests.ResponseOf(error, "Content"));
    }

    [Fact]
    public async Task Lines_end_with_any_line_end_and_the_last_needs_none()
    {
        Session.Set("u", $"{Server.Base}/text?type=text/plain&body={Convert.ToHexString("a\r\nb\n\nc\rd"u8)}");

        Assert.Equal(["a", "b", "", "c", "d"], (await Session.RunAsync("Invoke-Concurrent -Uri $u -As Lines")).Output);
    }

    [Fact]
    public async Task Lines_and_events_stream_while_the_response_arrives()
    {
        ScriptRun lines = Session.Start("Invoke-Concurrent -Uri \"$base/gated\" -As Lines");
        for (int i = 1; i <= 3; i++)
        {
            await Condition.UntilAsync(() => lines.Records.Count == i, $"{i} lines");
            Server.Gate.Release();
        }

        await lines.EndAsync();
        Assert.Equal(["line 1", "line 2", "line 3"], lines.Output);

        ScriptRun events = Session.Start(
            "Invoke-Concurrent -Uri \"$base/gated?type=text/event-stream\" -As ServerSentEvents | ForEach-Object { \"$($_.Id) $($_.Event) "
                + "$_\" }");
        for (int i = 1; i <= 3; i++)
        {
            await Condition.UntilAsync(() => events.Records.Count == i, $"{i} events");
            Server.Gate.Release();
        }

        await events.EndAsync();
        Assert.Equal(["1 message event 1", "2 message event 2", "3 message event 3"], events.Output);
    }

    [Fact]
    public async Task Events_are_parsed_as_browsers_do()
    {
        const string Stream =
            "\uFEFF: comment\n\nevent: add\ndata: one\ndata:two\nid: 7\nretry: 1500\n\ndata\n\nunknown: x\n\ndata: unfinished";
        Session.Set(
            "u",
            $"{Server.Base}/text?type=text/event-stream&body={Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(Stream))}");
        ScriptRun run = await Session.RunAsync(
            "Invoke-Concurrent -Uri $u -As ServerSentEvents | ForEach-Object { "
                + "\"$($_.Event)|$($_.Data)|$($_.Id)|$($_.Retry.TotalSeconds)\" }");

        Assert.Equal(["add|one\ntwo|7|1.5", "message||7|1.5"], run.Output);
    }

    // The packets, in hexadecimal digits.
    public static TheoryData<string, string, string> Packets => new()
    {
        { "text/plain", "EF BBBF C3A40A 62", "ä b" },
        { "text/plain", "EFBB BF C3 A4 0A62", "ä b" },
        { "text/plain", "EF 0A", "\uFFFD" },
        { "text/plain", "FF FEE4 00 0A00 6200", "ä b" },
        { "text/plain", "FE FF00 E4 000A 0062", "ä b" },
        { "text/plain", "FFFE00 00E4 0000000A00000062000000", "ä b" },
        { "text/html", "3C6D65746120636861 727365743D6973 6F2D383835392D31 3EE40A62", "<meta charset=iso-8859-1>ä b" },
        { "text/html", "61 0A62", "a b" },
        { "text/plain", "61 0D 0A62", "a b" },
    };

    [Theory]
    [MemberData(nameof(Packets))]
    public async Task Lines_are_the_same_however_they_are_cut_into_packets(string type, string packets, string lines)
    {
        using RawServer raw = InPackets(type, packets);
        ScriptRun run = await Session.RunAsync("Invoke-Concurrent -Uri $raw -As Lines");

        Assert.Empty(run.Errors);
        Assert.Equal(lines.Split(' '), run.Output.SelectMany(static line => ((string)line!).Split(' ')));
    }

    [Theory]
    [InlineData("EF BBBF 646174613A20310A0A")]
    [InlineData("EFBB BF64 6174613A20310A0A")]
    public async Task A_byte_order_mark_in_two_packets_loses_no_event(string packets)
    {
        using RawServer raw = InPackets("text/event-stream", packets);
        ScriptRun run = await Session.RunAsync("Invoke-Concurrent -Uri $raw -As ServerSentEvents | ForEach-Object Data");

        Assert.Empty(run.Errors);
        Assert.Equal(["1"], run.Output);
    }

    private RawServer InPackets(string type, string packets)
    {
        byte[] head = System.Text.Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nConnection: close\r\n\r\n");
        RawServer raw = RawServer.SayingInPackets([head, .. packets.Split(' ').Select(Convert.FromHexString)]);
        Session.Set("raw", raw.Base);
        return raw;
    }

    [Theory]
    [InlineData("gzip?size=3000000000", "")]
    [InlineData("gzip?size=200000", "-MaximumResponseSize 100000")]
    [InlineData("br?size=3000000000", "-As Lines -MaximumResponseSize 1MB")]
    [InlineData("br?size=3000000000", "-As ServerSentEvents -MaximumResponseSize 1MB")]
    [InlineData("file/x?size=200000", "-MaximumResponseSize 100000 -As Bytes")]
    public async Task What_would_not_fit_in_memory_is_an_error(string path, string parameters)
    {
        ErrorRecord error = await ErrorAsync($"Invoke-Concurrent -Uri \"$base/{path}\" {parameters}");

        Assert.Equal("HttpResponseTooLarge,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.LimitsExceeded, error.CategoryInfo.Category);
    }

    [Fact]
    public async Task HEAD_has_headers_and_no_body()
    {
        dynamic result = await OneAsync("Invoke-Concurrent -Uri \"$base/echo\" -Method Head");

        Assert.Equal(0L, result.Length);
        Assert.Equal("", result.Content);
    }
}
