using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

public sealed class StreamTests : IDisposable
{
    // The bare engine has no Write-* cmdlets.
    private const string WriteToAll = """
        function Write-All {
            [CmdletBinding()] param($item)
            $PSCmdlet.WriteObject("output $item")
            $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([InvalidOperationException]::new("error $item"), 'Written',
                'ResourceBusy', $null))
            $PSCmdlet.WriteWarning("warning $item")
            $PSCmdlet.WriteVerbose("verbose $item")
            $PSCmdlet.WriteDebug("debug $item")
            $PSCmdlet.WriteInformation("information $item", @('tag'))
            $PSCmdlet.WriteProgress([Management.Automation.ProgressRecord]::new(7, 'activity', "progress $item"))
        }
        Write-All $_
        """;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Every_stream_arrives_while_the_item_still_runs()
    {
        ScriptRun run = _session.Start(
            $$"""1 | Invoke-Concurrent -Verbose -Debug -WarningAction Continue -ArgumentList $probe { {{WriteToAll}}; $args[0].Hold() }""");

        PSDataStreams streams = run.Streams;
        await Condition.UntilAsync(
            () => run.Records.Count == 1 && streams.Error.Count == 1 && streams.Warning.Count == 1 && streams.Verbose.Count == 1
                && streams.Debug.Count == 1 && streams.Information.Count == 1 && streams.Progress.Count >= 1,
            "all seven have a record");
        Assert.False(run.HasEnded);
        Assert.Equal(["output 1"], run.Output);
        Assert.Equal("warning 1", streams.Warning[0].Message);
        Assert.Equal("verbose 1", streams.Verbose[0].Message);
        Assert.Equal("debug 1", streams.Debug[0].Message);
        Assert.Equal("information 1", streams.Information[0].MessageData);
        Assert.Equal(["tag"], streams.Information[0].Tags);
        ProgressRecord progress = Assert.Single(streams.Progress, p => p.ActivityId == 7);
        Assert.Equal("progress 1", progress.StatusDescription);
        ErrorRecord error = streams.Error[0];
        Assert.Equal("error 1", error.Exception.Message);
        Assert.IsType<InvalidOperationException>(error.Exception);
        Assert.StartsWith("Written", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ResourceBusy, error.CategoryInfo.Category);
        Assert.Equal(1, error.Target());
        _session.Probe.Open();
        await run.EndAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Ordered")]
    public async Task Every_stream_has_one_record_of_every_item(string order)
    {
        ScriptRun run = await _session.RunAsync(
            $$"""1..200 | Invoke-Concurrent -Verbose -Debug -WarningAction Continue {{order}} { {{WriteToAll}} }""");

        PSDataStreams streams = run.Streams;
        AssertAll("output", run.Output.Cast<string>());
        AssertAll("error", run.Errors.Select(e => e.Exception.Message));
        AssertAll("warning", streams.Warning.Select(w => w.Message));
        AssertAll("verbose", streams.Verbose.Select(v => v.Message));
        AssertAll("debug", streams.Debug.Select(d => d.Message));
        AssertAll("information", streams.Information.Select(i => (string)i.MessageData));
        AssertAll("progress", streams.Progress.Where(p => p.ActivityId == 7).Select(p => p.StatusDescription));

        void AssertAll(string stream, IEnumerable<string> messages)
        {
            IEnumerable<string> expected = Enumerable.Range(1, 200).Select(i => $"{stream} {i}");
            Assert.Equal(
                order.Length > 0 && stream != "progress" ? expected : expected.Order(),
                order.Length > 0 && stream != "progress" ? messages : messages.Order());
        }
    }

    [Fact]
    public async Task Verbose_and_debug_are_silent_unless_asked_for()
    {
        ScriptRun run = await _session.RunAsync($$"""1 | Invoke-Concurrent { {{WriteToAll}} }""");

        Assert.Empty(run.Streams.Verbose);
        Assert.Empty(run.Streams.Debug);
    }

    [Fact]
    public async Task The_preference_variables_of_the_caller_hold_in_the_block()
    {
        ScriptRun run = await _session.RunAsync(
            $$"""
            $VerbosePreference = 'Continue'; $WarningPreference = 'SilentlyContinue'
            1 | Invoke-Concurrent { {{WriteToAll}}; "$VerbosePreference $WarningPreference" }
            """);

        Assert.Equal("verbose 1", Assert.Single(run.Streams.Verbose).Message);
        Assert.Empty(run.Streams.Warning);
        Assert.Equal("Continue Continue", run.Output[1]);
    }

    [Theory]
    [InlineData("Ignore", 0)]
    [InlineData("Continue", 1)]
    public async Task InformationAction_decides_over_information(string action, int expected)
    {
        ScriptRun run = await _session.RunAsync($$"""1 | Invoke-Concurrent -InformationAction {{action}} { {{WriteToAll}} }""");

        Assert.Equal(expected, run.Streams.Information.Count);
    }

    [Fact]
    public async Task Stream_variables_collect_the_records_of_the_items()
    {
        ScriptRun run = await _session.RunAsync($$"""
            $variables = @{ OutVariable = 'o'; ErrorVariable = 'e'; WarningVariable = 'w'; InformationVariable = 'i' }
            $quietly = @{ ErrorAction = 'SilentlyContinue'; WarningAction = 'SilentlyContinue' }
            $null = 1..3 | Invoke-Concurrent @variables @quietly { {{WriteToAll}} }
            $o.Count; $e.Count; $w.Count; $i.Count
            $w[0].Message.Substring(0, 8)
            $i[0].MessageData.Substring(0, 12)
            $e[0].Exception.Message.Substring(0, 6)
            $o[0].Substring(0, 7)
            """);

        Assert.Equal([3, 3, 3, 3, "warning ", "information ", "error ", "output "], run.Output);
        Assert.Empty(run.Errors);
        Assert.Empty(run.Streams.Warning);
    }

    [Fact]
    public async Task PipelineVariable_holds_each_result_downstream()
    {
        ScriptRun run = await _session.RunAsync(
            "1..50 | Invoke-Concurrent -Ordered -PipelineVariable result { $_ * 10 } | ForEach-Object { 1; "
                + "2 } | ForEach-Object { $result + $_ }");

        Assert.Equal(Enumerable.Range(1, 50).SelectMany(n => new object?[] { (n * 10) + 1, (n * 10) + 2 }), run.Output);
    }

    [Fact]
    public async Task PipelineVariable_of_the_input_does_not_break_the_call()
    {
        ScriptRun run = await _session.RunAsync(
            "1..50 | ForEach-Object { $_ } -PipelineVariable original | Invoke-Concurrent { $_ } -Ordered");

        Assert.Equal(Enumerable.Range(1, 50).Cast<object?>(), run.Output);
    }

    [Theory]
    [InlineData("SilentlyContinue", 1)]
    [InlineData("Ignore", 0)]
    public async Task ErrorAction_can_hide_the_errors_of_items(string action, int inErrorVariable)
    {
        ScriptRun run = await _session.RunAsync(
            $$"""$Error.Clear(); 1..3 | Invoke-Concurrent -ErrorAction {{action}} { if ($_ -eq 2) { throw 'bad' }; $_ }; $Error.Count""");

        Assert.Empty(run.Errors);
        Assert.Equal(inErrorVariable, run.Output[^1]);
        Assert.Equal([1, 3], run.Output.SkipLast(1).Order());
    }

    [Fact]
    public async Task ErrorAction_Stop_ends_the_call_at_the_first_error()
    {
        ScriptRun run = await _session.RunAsync("""
            try {
                1..100000 | ForEach-Object { $probe.Produce(); $_ } | Invoke-Concurrent -ErrorAction Stop { if ($_ -eq 5) { throw 'bad' } }
                'not stopped'
            } catch { $_.Exception.Message; $_.TargetObject }
            """);

        Assert.Equal("bad", run.Output[0]!.ToString()!.Split(": ")[^1]);
        Assert.Equal(5, run.Output[1]);
        Assert.InRange(_session.Probe.Produced, 5, 5000);
    }

    [Fact]
    public async Task WarningAction_Stop_ends_the_call()
    {
        ErrorRecord error = await _session.FailAsync(
            "1..3 | Invoke-Concurrent -WarningAction Stop { & { [CmdletBinding()] param() $PSCmdlet.WriteWarning('careful') } }");

        Assert.Contains("careful", error.Exception.Message, StringComparison.Ordinal);
    }
}
