using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>
/// Blocks whose parameters are simple are called without the engine's binder. A block that names `$PSBoundParameters` always uses it, so
/// both must answer alike.
/// </summary>
public sealed class ParameterBindingTests : WebTest
{
    // What a block sees of its parameter: its value and type, and what it may be set to.
    private const string Body = """
        $seen = [ordered] @{ value = "$V"; type = if ($null -ne $V) { $V.GetType().FullName }; isNull = $null -eq $V; other = "$Other" }
        $seen.set = foreach ($new in 'x', '3', $null) { try { $V = $new; "$V" } catch { 'refused' } }
        [pscustomobject] $seen
        """;

    private static readonly string[] Declarations =
    [
        "$V", "[string] $V", "[int] $V", "[long] $V = 5", "[double] $V", "[decimal] $V", "[bool] $V", "[switch] $V", "[guid] $V",
        "[datetime] $V", "[timespan] $V", "[uri] $V", "[version] $V", "[int[]] $V", "[string[]] $V", "[System.DayOfWeek] $V",
        "[Nullable[int]] $V", "[char] $V", "[byte] $V", "[int][string] $V", "[hashtable] $V", "[scriptblock] $V",
        "[Parameter(Mandatory)][int] $V", "[Parameter(Mandatory)][string] $V", "[Parameter(Mandatory, HelpMessage = 'which')] $V",
        "[Parameter(Mandatory)][AllowEmptyString()][string] $V", "[Parameter(Position = 0)][string] $V",
        "[ValidateRange(1, 1000)][int] $V", "[ValidateRange(1, 1000)][int] $V = 5", "[ValidateRange(1, 1000)][int] $V = 5000",
        "[ValidateRange('Positive')][int] $V = 1", "[int][ValidateRange(1, 1000)] $V", "[ValidateRange(1, 1000)] $V",
        "[ValidateSet('asc', 'desc')][string] $V = 'asc'", "[ValidateSet('asc', 'desc')][string] $V",
        "[ValidateSet('asc', 'desc', IgnoreCase = $false)][string] $V = 'desc'", "[ValidateLength(2, 4)][string] $V",
        "[ValidatePattern('^a')][string] $V = 'a'", "[ValidateNotNullOrEmpty()][string] $V = 'x'", "[ValidateNotNull()] $V = 1",
        "[ValidateCount(1, 2)][string[]] $V = 'one'", "[ValidateScript({ $_ -gt 3 })][int] $V = 4", "[Alias('W')][int] $V",
        "[ValidateNotNullOrWhiteSpace()][string] $V = 'x'", "[int] $V = (1 + 1)", "[int] $V = '7'", "[string] $V = \"<$Other>\"",
        "[PSDefaultValue(Help = 'x')][int] $V", "[SupportsWildcards()][string] $V", "[AllowNull()][Nullable[int]] $V",
    ];

    private static readonly string[] Values =
    [
        "", "V=", "V=7", "V=007", "V=-7", "V=%207%20", "V=5000", "V=2147483647", "V=2147483648", "V=12345678901", "V=1e3", "V=0x10",
        "V=1kb", "V=1.5", "V=1%2C5", "V=abc", "V=asc", "V=ASC", "V=desc", "V=true", "V=false", "V=1", "V=0", "V=2026-01-02",
        "V=02%2F01%2F2026",
        "V=Monday", "V=1&V=2", "V=%D9%A7", "V=9d3f1f9e-8b3d-4a3e-9a51-3a1d7d6a9a11", "V=http%3A%2F%2Fa%2Fb", "V=1.2.3", "Other=b",
        "V=7&Other=b", "V=7&Nope=1", "v=7", "V=%24null",
    ];

    [Fact]
    public async Task A_block_with_simple_parameters_sees_what_the_binder_would_give_it()
    {
        IEnumerable<string> routes = Declarations.SelectMany(static (declaration, i) => new[]
        {
            $"New-AsyncRoute GET /own/{i} {{ param({declaration}, [string] $Other = 'o') {Body} }}",
            $"New-AsyncRoute GET /binder/{i} {{ param({declaration}, [string] $Other = 'o') $null = $PSBoundParameters; {Body} }}",
            $"New-AsyncRoute GET /own/{i}/last {{ param([string] $Other = 'o', {declaration}) {Body} }}",
            $"New-AsyncRoute GET /binder/{i}/last {{ param([string] $Other = 'o', {declaration}) $null = $PSBoundParameters; {Body} }}",
        });
        AsyncServer server = await StartAsync(string.Join('\n', routes));
        List<string> different = [];
        int answered = 0;
        for (int i = 0; i < Declarations.Length; i++)
        {
            foreach (string place in new[] { $"{i}", $"{i}/last" })
            {
                Answer[] own = await Task.WhenAll(Values.Select(value => GetAsync(server, $"/own/{place}?{value}")));
                Answer[] binder = await Task.WhenAll(Values.Select(value => GetAsync(server, $"/binder/{place}?{value}")));
                answered += own.Count(static answer => answer.Status == 200);
                different.AddRange(Values.Select((value, n) => (own[n].Status, own[n].Text) == (binder[n].Status, binder[n].Text)
                    ? ""
                    : $"{Declarations[i]} ?{value}: {own[n].Status} {own[n].Text}, with the binder {binder[n].Status} {binder[n].Text}")
                    .Where(static line => line.Length > 0));
            }
        }

        Assert.True(different.Count == 0, $"{different.Count}:\n" + string.Join('\n', different.Take(40)));
        Assert.True(answered > Declarations.Length * 5, $"Only {answered} requests were answered by a block.");
    }

    [Theory]
    [InlineData("[Parameter(Mandatory)][ValidateRange(1, 1000)][int] $V, [ValidateSet('a', 'b')][string] $Other = 'a'", false)]
    [InlineData("[Parameter()][string] $V, [int] $Other, [guid] $Third = [guid]::Empty", false)]
    [InlineData("[Parameter()][ValidateScript({ $true })][int] $V", true)]
    [InlineData("[Parameter(ParameterSetName = 'one')][int] $V", true)]
    public async Task Simple_parameters_are_bound_without_the_binder(string declarations, bool usesBinder)
    {
        AsyncServer server = await StartAsync(
            $"New-AsyncRoute GET / {{ param({declarations}) \"$V $($null -ne (Get-Variable PSCmdlet -ValueOnly -ErrorAction Ignore))\" }}");

        Assert.Equal($"7 {usesBinder}", (await GetAsync(server, "/?V=7")).Text);
    }

    [Theory]
    [InlineData("[CmdletBinding()] param([int] $V) \"$($PSCmdlet.MyInvocation.BoundParameters.V) $V\"", "7 7")]
    [InlineData("param([int] $V) & { $PSBoundParameters.Count; $V }", "[0,7]")]
    [InlineData("param([int] $V) \"$($PSBoundParameters.Keys) $($PSBoundParameters.V.GetType().Name)\"", "V Int32")]
    [InlineData("param([int] $V) \"$($args.Count) $($MyInvocation.BoundParameters.V)\"", "0 7")]
    [InlineData("param([int] $V) function Get-Own { param($X) \"$X $V\" }; Get-Own 1", "1 7")]
    [InlineData("param([int] $V) $V++; return $V; 'not'", "8")]
    public async Task A_block_sees_how_it_was_called(string block, string expected)
    {
        AsyncServer server = await StartAsync($"New-AsyncRoute GET / {{ {block} }}");

        for (int i = 0; i < 2; i++)
        {
            Answer answer = await GetAsync(server, "/?V=7");
            Assert.Equal((200, expected), (answer.Status, answer.Text));
        }
    }

    [Fact]
    public async Task Errors_of_a_block_with_simple_parameters_are_told_as_any()
    {
        AsyncServer server = await StartAsync(
            """
            New-AsyncRoute GET '/throw/{V}' { param([int] $V) throw "no $V" }
            New-AsyncRoute GET '/goes-on/{V}' { param([int] $V) try { Get-Item "/nowhere/$V" -ErrorAction Stop } catch { 'caught' } }
            New-AsyncRoute GET '/inner/{V}' { param([int] $V) $next = { param([ValidateRange(1, 3)][int] $N) $N }; & $next $V }
            """);

        Assert.Equal(500, (await GetAsync(server, "/throw/7")).Status);
        Assert.Equal("caught", (await GetAsync(server, "/goes-on/7")).Text);

        // What the block calls itself is not the client's fault.
        Assert.Equal(500, (await GetAsync(server, "/inner/7")).Status);
        await Condition.UntilAsync(() => server.Error.Count == 2, "both were told", WaitLimit);
        Assert.Contains("no 7", server.Error[0].ToString(), StringComparison.Ordinal);
    }
}
