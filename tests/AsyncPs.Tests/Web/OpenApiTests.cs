using System.Text.Json;
using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>The description of an API says what its blocks declare.</summary>
public sealed class OpenApiTests : IDisposable
{
    private readonly ModuleSession _session = new(BuiltModule.WebManifest);

    [Fact]
    public async Task Parameters_bodies_help_and_security_are_described()
    {
        JsonElement api = await DescribeAsync("""
            New-AsyncRoute GET '/items/{Id:int}' -Tag shop -Name getItem -Header @{ Key = 'X-Key' } {
                <#
                .SYNOPSIS
                One item.
                .DESCRIPTION
                More of it.
                .PARAMETER Id
                The number.
                #>
                param(
                    [Parameter(Mandatory)][ValidateRange(1, 1000)][int] $Id, [ValidateSet('a', 'b')][string[]] $Form = 'a',
                    [string] $Key, [Nullable[datetime]] $Since)
            }
            New-AsyncRoute POST, PUT /items -Status 201 -Scheme Bearer -Authorize { $true } {
                param(
                    [Parameter(Mandatory)][ValidateLength(1, 40)][string] $Name, [ValidatePattern('^\d+$')][string] $Code,
                    [double] $Price = 1.5, [bool] $Big)
            }
            New-AsyncRoute POST /files { param([AsyncPs.Web.UploadedFile] $Doc) }
            New-AsyncRoute POST /raw { param($Body) }
            New-AsyncRoute GET /hidden -Hidden { }
            New-AsyncRoute WebSocket /socket { }
            New-AsyncRoute GET /list -AsArray -Format Json, Html { }
            """);

        Assert.Equal("3.1.0", api.GetProperty("openapi").GetString());
        JsonElement paths = api.GetProperty("paths");
        Assert.Equal(["/items/{Id}", "/items", "/files", "/raw", "/list"], paths.EnumerateObject().Select(static path => path.Name));

        JsonElement get = paths.GetProperty("/items/{Id}").GetProperty("get");
        Assert.Equal(
            ("getItem", "One item.", "More of it.", "shop"),
            (Text(get, "operationId"), Text(get, "summary"), Text(get, "description"), get.GetProperty("tags")[0].GetString()));
        Assert.Equal(
            """[{"name":"Id","in":"path","required":true,"description":"The number.","""
            + "\"schema\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":1,\"maximum\":1000}},"
            + """{"name":"Form","in":"query","required":false,"schema":{"""
            + "\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]},\"default\":\"a\"}},"
            + """{"name":"X-Key","in":"header","required":false,"schema":{"type":"string"}},"""
            + """{"name":"Since","in":"query","required":false,"schema":{"type":"string","format":"date-time"}}]""",
            Compact(get.GetProperty("parameters")));

        JsonElement post = paths.GetProperty("/items").GetProperty("post");
        Assert.Equal(
            """{"type":"object","properties":{"Name":{"type":"string","minLength":1,"maxLength":40},"""
            + "\"Code\":{\"type\":\"string\",\"pattern\":\"^\\\\d\\u002B$\"},"
            + """
              "Price":{"type":"number","format":"double","default":1.5},"Big":{"type":"boolean"}},"required":["Name"]}
              """,
            Compact(post.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema")));
        Assert.Equal(
            ["201", "401", "422", "500"],
            post.GetProperty("responses").EnumerateObject().Select(static response => response.Name));
        Assert.Equal("""[{"bearer":[]}]""", Compact(post.GetProperty("security")));
        Assert.True(paths.GetProperty("/items").TryGetProperty("put", out _));
        Assert.True(
            paths.GetProperty("/files")
                .GetProperty("post")
                .GetProperty("requestBody")
                .GetProperty("content")
                .TryGetProperty("multipart/form-data", out _));
        Assert.Equal(
            ["application/json", "text/html"],
            paths.GetProperty("/list")
                .GetProperty("get")
                .GetProperty("responses")
                .GetProperty("200")
                .GetProperty("content")
                .EnumerateObject()
                .Select(static type => type.Name));
    }

    [Fact]
    public async Task The_page_may_load_nothing_from_elsewhere()
    {
        ScriptRun run = await _session.RunAsync("Invoke-AsyncRoute (New-AsyncRoute GET / { }) GET /docs");
        var answer = Assert.IsType<RouteAnswer>(run.Output[0]);

        Assert.Equal((200, "text/html; charset=utf-8"), (answer.Status, answer.ContentType));
        Assert.Contains("default-src 'none'", answer.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("://", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", answer.Text, StringComparison.Ordinal);
    }

    public void Dispose() => _session.Dispose();

    private async Task<JsonElement> DescribeAsync(string routes)
    {
        ScriptRun run = await _session.RunAsync($"Invoke-AsyncRoute @({routes}) GET /openapi.json", TimeSpan.FromMinutes(2));
        Assert.Empty(run.Errors);
        return JsonDocument.Parse(((RouteAnswer)run.Output[0]!).Bytes).RootElement;
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
}
