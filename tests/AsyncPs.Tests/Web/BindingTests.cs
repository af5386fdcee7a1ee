using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>The binding of requests to parameters of blocks, and requests that blocks never get.</summary>
public sealed class BindingTests : IDisposable
{
    private readonly ModuleSession _session = new(BuiltModule.WebManifest);

    [Theory]
    [InlineData("[int] $Value", "?value=7", "System.Int32 7")]
    [InlineData("[int] $VALUE", "?Value=7", "System.Int32 7")]
    [InlineData("[double] $Value", "?value=1.5", "System.Double 1.5")]
    [InlineData("[string] $Value", "?value=a%20b%2Bc+d", "System.String a b+c d")]
    [InlineData("[string] $Value", "?value=", "System.String ")]
    [InlineData("$Value", "?value=7", "System.String 7")]
    [InlineData("[int[]] $Value", "?value=1&value=2", "System.Int32[] 1 2")]
    [InlineData("[int[]] $Value", "?value=1", "System.Int32[] 1")]
    [InlineData("[string[]] $Value", "?value=a,b&value=c", "System.String[] a,b c")]
    [InlineData("[bool] $Value", "?value=false", "System.Boolean False")]
    [InlineData("[bool] $Value", "?value", "System.Boolean True")]
    [InlineData("[switch] $Value", "?value=1", "System.Management.Automation.SwitchParameter True")]
    [InlineData("[switch] $Value", "?value=FALSE", "System.Management.Automation.SwitchParameter False")]
    [InlineData("[guid] $Value", "?value=00000000-0000-0000-0000-000000000001", "System.Guid 00000000-0000-0000-0000-000000000001")]
    [InlineData("[DayOfWeek] $Value", "?value=friday", "System.DayOfWeek Friday")]
    [InlineData("[timespan] $Value", "?value=00:01:00", "System.TimeSpan 00:01:00")]
    [InlineData("[uri] $Value", "?value=https://example.org/a", "System.Uri https://example.org/a")]
    [InlineData("[Alias('page-size')][int] $Value", "?page-size=5", "System.Int32 5")]
    [InlineData("[int] $Value = 3", "", "System.Int32 3")]
    [InlineData("[ValidateSet('asc', 'desc')][string] $Value", "?value=DESC", "System.String DESC")]
    [InlineData("[ValidatePattern('^a')][string] $Value", "?value=abc", "System.String abc")]
    public async Task The_query_becomes_values_of_the_declared_types(string parameter, string query, string expected)
    {
        RouteAnswer answer = await AnswerAsync(
            $"New-AsyncRoute GET /x {{ param({parameter}) \"$($Value.GetType().FullName) $Value\" }}",
            "GET",
            "/x" + query);

        Assert.Equal((200, expected), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("[int] $Value", "?value=abc", "Value query CannotConvert")]
    [InlineData("[int] $Value", "?value=", "Value query Empty")]
    [InlineData("[int] $Value", "?value=1&value=2", "Value query Repeated")]
    [InlineData("[datetime] $Value", "?value=yesterday", "Value query CannotConvert")]
    [InlineData("[bool] $Value", "?value=maybe", "Value query NotABoolean")]
    [InlineData("[DayOfWeek] $Value", "?value=Someday", "Value query CannotConvert")]
    [InlineData("[ValidateRange(1, 9)][int] $Value", "?value=10", "Value query Invalid")]
    [InlineData("[ValidateSet('asc', 'desc')][string] $Value", "?value=up", "Value query Invalid")]
    [InlineData("[ValidatePattern('^a')][string] $Value", "?value=b", "Value query Invalid")]
    [InlineData("[ValidateLength(2, 3)][string] $Value", "?value=a", "Value query Invalid")]
    [InlineData("[ValidateCount(2, 3)][int[]] $Value", "?value=1", "Value query Invalid")]
    [InlineData("[ValidateNotNullOrEmpty()][string] $Value", "?value=", "Value query Invalid")]
    [InlineData("[ValidateScript({ $_ -gt 5 })][int] $Value", "?value=1", "Value query Invalid")]
    [InlineData("[Parameter(Mandatory)][int] $Value", "", "Value query Missing")]
    [InlineData("[Alias('v')][int] $Value", "?v=1&value=2", "v query Ambiguous")]
    public async Task What_cannot_be_bound_is_422_with_the_name_and_the_reason_and_the_block_does_not_run(
        string parameter,
        string query,
        string expected)
    {
        Probe probe = _session.Probe;
        RouteAnswer answer =
            await AnswerAsync($"New-AsyncRoute GET /x {{ param({parameter}) $probe.Enter(); 'ran' }}", "GET", "/x" + query);

        Assert.Equal((422, "application/problem+json", expected), (answer.Status, answer.ContentType, Fault(answer)));
        Assert.Equal(0, probe.Running);
    }

    [Fact]
    public async Task Neither_abbreviations_nor_common_parameters_reach_the_binder()
    {
        RouteAnswer answer = await AnswerAsync(
            "New-AsyncRoute GET /x { [CmdletBinding()] param([int] $Number = 1) \"$Number $ErrorActionPreference $VerbosePreference\" }",
            "GET",
            "/x?num=5&ErrorAction=Stop&Verbose=true&OutVariable=stolen&InformationAction=Inquire");

        Assert.Equal((200, "1 Continue SilentlyContinue"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task An_error_of_binding_within_the_block_is_the_blocks_own()
    {
        ScriptRun run = await _session.RunAsync("""
            $route = New-AsyncRoute GET /x { param([string] $Value) & { param([int] $Inner) $Inner } -Inner $Value }
            (Invoke-AsyncRoute $route GET '/x?value=abc').Status
            """);

        Assert.Equal([500], run.Output);
        Assert.Contains("abc", Assert.Single(run.Errors).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"a","tags":[1,2],"more":{"x":{"y":1}}}""", "a|1 2|1")]
    [InlineData("""{"NAME":"a","tags":[]}""", "a||")]
    [InlineData("""{"name":"a","tags":null,"more":null,"other":1}""", "a||")]
    [InlineData("""{"name":"2024-05-06T07:08:09Z","tags":7}""", "2024-05-06T07:08:09Z|7|")]
    public async Task Properties_of_JSON_become_parameters(string json, string expected)
    {
        RouteAnswer answer = await AnswerAsync(
            "New-AsyncRoute POST /x { param([Parameter(Mandatory)][string] $Name, [int[]] $Tags, [hashtable] $More) "
                + "\"$Name|$Tags|$($More.x.y)\" }", "POST", "/x", json, "application/json");

        Assert.Equal((200, expected), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("{bad", "application/json", 400)]
    [InlineData("""{"name":"a"} x""", "application/json", 400)]
    [InlineData("[1]", "application/json", 422)]
    [InlineData("\"a\"", "application/json", 422)]
    [InlineData("""{"name":null}""", "application/json", 422)]
    [InlineData("""{"name":"a","name":"b"}""", "application/json", 422)]
    [InlineData("""{"name":"a","count":"x"}""", "application/json", 422)]
    [InlineData("""{"name":"a","count":{"a":1}}""", "application/json", 422)]
    [InlineData("""{"name":"a","flag":"maybe"}""", "application/json", 422)]
    [InlineData("""{"name":"a","flag":3}""", "application/json", 422)]
    [InlineData("<name>a</name>", "application/xml", 415)]
    [InlineData("name=a", "text/plain", 415)]
    [InlineData("name=a&name=b", "application/x-www-form-urlencoded", 422)]
    public async Task A_body_that_does_not_fit_is_refused(string body, string type, int status)
    {
        RouteAnswer answer = await AnswerAsync(
            "New-AsyncRoute POST /x { param([Parameter(Mandatory)][string] $Name, [int] $Count, [bool] $Flag) 'ran' "
                + "}", "POST", "/x", body, type);

        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.ContentType));
    }

    [Fact]
    public async Task A_JSON_nested_too_deeply_is_refused_and_no_stack_overflows()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 100_000)) + string.Concat(Enumerable.Repeat("]", 100_000));
        RouteAnswer answer = await AnswerAsync("New-AsyncRoute POST /x { param($Body) 'ran' }", "POST", "/x", deep, "application/json");

        Assert.Equal(400, answer.Status);
    }

    [Theory]
    [InlineData("""{"a":1}""", "application/json", "1")]
    [InlineData("""[{"a":1},{"a":2}]""", "application/vnd.api+json", "1 2")]
    [InlineData("<a>1</a>", "application/xml", "<a>1</a>")]
    [InlineData("a=1", "application/x-www-form-urlencoded", "1")]
    public async Task A_parameter_Body_gets_all_of_it(string body, string type, string expected)
    {
        RouteAnswer answer = await AnswerAsync(
            "New-AsyncRoute POST /x { param($Body) if ($Body -is [string]) { $Body } else { \"$($Body.a)\" } }",
            "POST",
            "/x",
            body,
            type);

        Assert.Equal((200, expected), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Fields_and_files_of_a_form_become_parameters()
    {
        const string Body = "--B\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA title\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"../../etc/a.txt\"\r\nContent-Type: text/plain\r\n\r\nthe "
            + "text\r\n--B--\r\n";
        RouteAnswer answer = await AnswerAsync(
            "New-AsyncRoute POST /x { param([string] $Title, [AsyncPs.Web.UploadedFile] $Doc) "
                + "\"$Title|$($Doc.Name)|$($Doc.Length)|$([Text.Encoding]::UTF8.GetString($Doc.ReadBytes()))\" }",
            "POST", "/x", Body, "multipart/form-data; boundary=B");

        Assert.Equal((200, "A title|a.txt|8|the text"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_name_in_the_query_and_in_the_body_is_refused()
    {
        const string Route = "New-AsyncRoute POST /x { param([string] $Name) $Name }";
        RouteAnswer answer = await AnswerAsync(Route, "POST", "/x?name=q", """{"name":"b"}""", "application/json");

        Assert.Equal((422, "Name body Ambiguous"), (answer.Status, Fault(answer)));
    }

    [Fact]
    public async Task All_that_is_missing_is_named_at_once()
    {
        RouteAnswer answer = await AnswerAsync(
            "New-AsyncRoute POST /x { param([Parameter(Mandatory)][string] $Name, [Parameter(Mandatory)][int] $Count) $Name "
                + "}", "POST", "/x", "{}", "application/json");

        Assert.Equal((422, "Name body Missing, Count body Missing"), (answer.Status, Fault(answer)));
    }

    [Fact]
    public async Task Headers_and_cookies_become_parameters_only_where_the_route_says_so()
    {
        ScriptRun run = await _session.RunAsync("""
            $route = New-AsyncRoute GET /x -Header @{ Signature = 'X-Sig' } -Cookie @{ Session = 'sid' } {
                param([string] $Signature, [int] $Session, [string] $UserAgent)
                "$Signature|$Session|$UserAgent"
            }
            $headers = @{ 'X-Sig' = 'abc'; Cookie = 'a=b; sid=5'; UserAgent = 'no'; 'User-Agent' = 'no' }
            (Invoke-AsyncRoute $route GET '/x?signature=q&session=9' -Headers $headers).Text
            (Invoke-AsyncRoute $route GET '/x' -Headers @{ Cookie = 'sid=x' }).Status
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["abc|5|", 422], run.Output);
    }

    [Fact]
    public async Task The_request_has_all_the_rest()
    {
        RouteAnswer answer = await AnswerAsync(
            """
            New-AsyncRoute POST '/a/{Part}/{*Rest}' {
                $texts = $_.ReadText(), $AsyncRequest.ReadText(), $_.ReadBytes().Length
                $values = $_.PathValues.Part, $_.PathValues.Rest, $_.Query.q, $_.Headers['X-A']
                "$($AsyncRequest.Method) $($AsyncRequest.Path) $values $texts"
            }
            """,
            "POST", "/a/b%20c/d/e?q=1", "text", "text/plain");

        Assert.Equal("POST /a/b c/d/e b c d/e 1  text text 4", answer.Text);
    }

    [Theory]
    [InlineData("New-AsyncRoute GET x { }", "RoutePathInvalid")]
    [InlineData("New-AsyncRoute GET '/{a' { }", "RoutePathInvalid")]
    [InlineData("New-AsyncRoute GET '/{a}/{a}' { param($a) }", "RoutePathInvalid")]
    [InlineData("New-AsyncRoute GET '/x?a=1' { }", "RoutePathInvalid")]
    [InlineData("New-AsyncRoute GET '/{Id}' { param($Other) 1 }", "RouteParameterMissing")]
    [InlineData("New-AsyncRoute GET /x { param($A) } -Header @{ B = 'X' }", "RouteParameterMissing")]
    [InlineData("New-AsyncRoute 'G ET' /x { }", "WebArgumentInvalid")]
    [InlineData("New-AsyncRoute GET, WebSocket /x { }", "WebArgumentInvalid")]
    [InlineData("New-AsyncRoute GET /x { } -Anonymous -Authorize { }", "WebArgumentInvalid")]
    [InlineData("New-AsyncRoute /x -Folder ./nowhere", "RouteFolderNotFound")]
    [InlineData("New-AsyncResponse -Headers @{ 'a b' = 1 }", "WebArgumentInvalid")]
    [InlineData("New-AsyncResponse -Headers @{ a = \"b`r`nc: d\" }", "WebArgumentInvalid")]
    [InlineData("New-AsyncResponse -Redirect \"/`r`nX: y\"", "WebArgumentInvalid")]
    [InlineData("New-AsyncResponse -Headers @{ 'Content-Length' = 3 }", "WebArgumentInvalid")]
    [InlineData("New-AsyncResponse -Cookie @{ 'a;b' = 1 }", "WebArgumentInvalid")]
    [InlineData("Invoke-AsyncRoute (1..2 | ForEach-Object { New-AsyncRoute GET '/{A}' { param($A) } }) GET /1", "RoutesConflict")]
    [InlineData("Invoke-AsyncRoute (New-AsyncRoute GET '/{A:nonsense}' { param($A) }) GET /1", "RoutePathInvalid")]
    [InlineData("Start-AsyncServer (New-AsyncRoute GET / { }) -ListenAddress nowhere", "WebArgumentInvalid")]
    [InlineData("Start-AsyncServer (New-AsyncRoute GET / { }) -Certificate ./nowhere.pfx", "CertificateInvalid")]
    [InlineData("Start-AsyncServer (New-AsyncRoute GET / { }) -Scheme Basic", "ParameterNeedsAnother")]
    [InlineData("Start-AsyncServer (New-AsyncRoute GET / { $using:nothing }) -Port 0", "UsingVariableNotSet")]
    public async Task Wrong_arguments_are_errors_before_anything_starts(string statement, string id)
        => Assert.StartsWith(id, (await _session.FailStatementAsync(statement)).FullyQualifiedErrorId, StringComparison.Ordinal);

    public void Dispose() => _session.Dispose();

    private static string Fault(RouteAnswer answer)
        => string.Join(", ", System.Text.Json.JsonDocument.Parse(answer.Bytes).RootElement.GetProperty("errors").EnumerateArray()
            .Select(static error => $"{error.GetProperty("name")} {error.GetProperty("in")} {error.GetProperty("id")}"));

    private async Task<RouteAnswer> AnswerAsync(string route, string method, string path, string? body = null, string? type = null)
    {
        _session.Set("body", body);
        _session.Set("path", path);
        string rest = body is null ? "" : $"$body -ContentType '{type}'";
        ScriptRun run =
            await _session.RunAsync($"$route = {route}\nInvoke-AsyncRoute $route {method} $path {rest}", TimeSpan.FromMinutes(2));
        Assert.Empty(run.Errors);
        return Assert.Single(run.Output.OfType<RouteAnswer>());
    }
}
