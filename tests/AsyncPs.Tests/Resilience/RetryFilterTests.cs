using System.Management.Automation;
using System.Reflection;
using AsyncPs.Resilience;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Resilience;

public sealed class RetryFilterTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("IOException")]
    [InlineData("ioexception")]
    [InlineData("[IOException]")]
    [InlineData("System.IO.IOException")]
    [InlineData("IO.IOException")]
    [InlineData("[System.IO.IOException]")]
    [InlineData("Exception")]
    [InlineData("SystemException")]
    [InlineData("FileNotFoundException")]
    public void A_name_matches_its_type_and_those_derived_from_it(string name)
        => Assert.True(Parse(name).Matches(Record(new FileNotFoundException())));

    [Theory]
    [InlineData("FileNotFoundException")]
    [InlineData("TimeoutException")]
    [InlineData("ArgumentException")]
    public void Others_do_not_match(string name) => Assert.False(Parse(name).Matches(Record(new IOException())));

    [Fact]
    public void Types_match_as_they_are()
    {
        Assert.True(Parse(typeof(IOException)).Matches(Record(new FileNotFoundException())));
        Assert.True(Parse(PSObject.AsPSObject(typeof(IOException)), "HttpRequestException").Matches(Record(new HttpRequestException())));
        Assert.False(Parse(typeof(FileNotFoundException)).Matches(Record(new IOException())));
    }

    [Fact]
    public void What_the_engine_wraps_counts()
    {
        var inner = new IOException();
        RetryFilter filter = Parse("IOException");

        Assert.True(filter.Matches(Record(new MethodInvocationException("m", inner))));
        Assert.True(filter.Matches(Record(new RuntimeException("r", new MethodInvocationException("m", inner)))));
        Assert.True(filter.Matches(Record(new TargetInvocationException(inner))));
        Assert.True(filter.Matches(Record(new AggregateException(new TimeoutException(), inner))));
        // An exception that user code wraps in another one counts as that one.
        Assert.False(filter.Matches(Record(new InvalidOperationException("i", inner))));
    }

    [Fact]
    public async Task What_scripts_throw_is_matched_by_its_own_type()
    {
        foreach ((string script, string name) in ((string, string)[])
        [
            ("throw [IO.IOException]::new('x')", "IOException"),
            ("[IO.File]::ReadAllText('/nowhere/at all')", "DirectoryNotFoundException"),
            ("$ErrorActionPreference = 'Stop'; [int]'x'", "PSInvalidCastException"),
            ("throw 'text'", "RuntimeException"),
            ("Get-Module -Nonsense", "ParameterBindingException"),
            ("[Threading.Tasks.Task]::FromException([TimeoutException]::new()).Wait()", "TimeoutException"),
        ])
        {
            ScriptRun run = await _session.RunAsync($"try {{ {script} }} catch {{ $_ }}");
            ErrorRecord error = Assert.IsType<ErrorRecord>(Assert.Single(run.Output));
            Assert.True(Parse(name).Matches(error), $"{name}: {error.Exception}");
            Assert.False(Parse("BadImageFormatException").Matches(error));
        }
    }

    [Fact]
    public void Nothing_given_stands_for_any_error()
    {
        Assert.True(RetryFilter.Parse(null, "RetryOn").Matches(Record(new IOException())));
        Assert.True(RetryFilter.Parse([], "RetryOn").Matches(Record(new IOException())));
    }

    [Fact]
    public void A_block_is_for_the_caller_to_ask()
    {
        ScriptBlock block = ScriptBlock.Create("$true");
        RetryFilter filter = Parse(block, "IOException");

        Assert.Same(block, filter.Block);
        Assert.True(filter.Matches(Record(new IOException())));
        Assert.False(filter.Matches(Record(new TimeoutException())));
        Assert.False(Parse(block).Matches(Record(new IOException())));
        Assert.Null(Parse("IOException").Block);
    }

    [Theory]
    [InlineData("NoSuchException", "NotAnExceptionTypeName", "NoSuchException")]
    [InlineData("", "NotAnExceptionTypeName", "RetryOn")]
    [InlineData(42, "NotAnExceptionTypeName", "42")]
    [InlineData(null, "NotAnExceptionTypeName", "RetryOn")]
    [InlineData("string", "NotAnExceptionType", "System.String")]
    [InlineData(typeof(Uri), "NotAnExceptionType", "System.Uri")]
    public void What_is_no_exception_type_is_an_error_that_names_it(object? value, string id, string named)
    {
        ErrorRecord error = Assert.Throws<ConcurrentArgumentException>(() => Parse(value)).Record;

        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.Contains(named, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("-RetryOn", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_blocks_are_an_error()
        => Assert.Equal(
            "SeveralRetryFilters",
            Assert.Throws<ConcurrentArgumentException>(() => Parse(
                ScriptBlock.Create("1"),
                ScriptBlock.Create("2"))).Record.FullyQualifiedErrorId);

    private static RetryFilter Parse(params object?[] values) => RetryFilter.Parse(values, "RetryOn");

    private static ErrorRecord Record(Exception exception) => new(exception, "Id", ErrorCategory.NotSpecified, null);
}
