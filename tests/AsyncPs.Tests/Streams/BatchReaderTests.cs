using AsyncPs.Concurrency;
using AsyncPs.Queues;
using AsyncPs.Streams;
using AsyncPs.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Streams;

/// <summary>Group-AsyncBatch and its reader.</summary>
public sealed class BatchReaderTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly AsyncQueue _queue = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ModuleSession _session = new();

    public BatchReaderTests() => _session.Set("q", _queue);

    public void Dispose()
    {
        _session.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_batch_leaves_when_it_is_full_or_its_time_is_over_or_at_the_end()
    {
        var source = new QueueSource(_queue, _stop.Token);
        await using var batches = new BatchReader(source, 3, TimeSpan.FromMinutes(1), static _ => default, _time);
        Write(1, 2, 3, 4);

        Assert.Equal([1, 2, 3], (await batches.NextAsync())!.Value.Elements);
        Task<(object?[] Elements, IItemOrigin? Origin)?> next = batches.NextAsync().AsTask();
        await Condition.UntilAsync(() => _queue.WaitingReaders == 1, "it waits for another");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(next.IsCompleted);
        await AdvanceUntilAsync(next);
        Assert.Equal([4], (await next)!.Value.Elements);

        next = batches.NextAsync().AsTask();
        Write(5, 6);
        _queue.Complete();
        Assert.Equal([5, 6], (await next)!.Value.Elements);
        Assert.Null(await batches.NextAsync());
    }

    [Fact]
    public async Task The_time_begins_with_the_first_element()
    {
        await using var batches = new BatchReader(
            new QueueSource(_queue, _stop.Token),
            3,
            TimeSpan.FromMinutes(1),
            static _ => default,
            _time);
        Task<(object?[] Elements, IItemOrigin? Origin)?> next = batches.NextAsync().AsTask();
        _time.Advance(TimeSpan.FromHours(1));
        Write(1);
        await Condition.UntilAsync(() => _queue is { InFlight: 1, WaitingReaders: 1 }, "it has the first");
        Assert.False(next.IsCompleted);
        await AdvanceUntilAsync(next);
        Assert.Equal([1], (await next)!.Value.Elements);
        await _stop.CancelAsync();
    }

    [Fact]
    public async Task Items_of_a_queue_are_done_with_their_batch_and_go_back_in_order_without_it()
    {
        var source = new QueueSource(_queue, _stop.Token);
        var batches = new BatchReader(source, 2, null, static _ => default, _time);
        Write(1, 2, 3, 4, 5);
        (await batches.NextAsync())!.Value.Origin!.Finish();
        Assert.Equal((2, 3), (_queue.Finished, _queue.Count));
        (await batches.NextAsync())!.Value.Origin!.Return(seen: true);
        Assert.Equal(3, _queue.Count);

        // One element is in a batch that never gets full.
        Assert.Equal([3, 4], (await batches.NextAsync())!.Value.Elements);
        Task last = batches.NextAsync().AsTask();
        await Condition.UntilAsync(() => _queue.WaitingReaders == 1, "it waits for another");
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => last);
        await batches.DisposeAsync();
        Assert.Equal((1, 2), (_queue.Count, _queue.InFlight));
    }

    [Theory]
    [InlineData("1..7 | Group-AsyncBatch 3 | ForEach-Object { $_ -join ',' }", "1,2,3 4,5,6 7")]
    [InlineData("1..6 | Group-AsyncBatch 3 | ForEach-Object { $_ -join ',' }", "1,2,3 4,5,6")]
    [InlineData("@() | Group-AsyncBatch 3 | ForEach-Object { 'none' }; Group-AsyncBatch 3", "")]
    [InlineData("1, $null, 3 | Group-AsyncBatch 5 | ForEach-Object { $_.Count }", "3")]
    [InlineData("(Group-AsyncBatch 5 -InputObject 1).GetType().Name", "Object[]")]
    [InlineData("1..100 | Group-AsyncBatch 3 | ForEach-Object { $_ -join ','; break }", "1,2,3")]
    [InlineData(
        "1..5 | Write-AsyncQueue $q; Complete-AsyncQueue $q; Group-AsyncBatch 2 -InputStream $q | ForEach-Object { $_ -join ',' }; "
            + "$q.Finished",
        "1,2 3,4 5 5")]
    [InlineData(
        "1..5 | Write-AsyncQueue $q; try { Group-AsyncBatch 2 -InputStream $q | ForEach-Object { if ($_[0] -eq 3) { throw 'no' } } } "
            + "catch { \"$_\" }; $q.Finished; $q.Count; $q.InFlight; (Read-AsyncQueue $q -Count 1)",
        "no 2 3 0 3")]
    [InlineData("1..5 | Write-AsyncQueue $q; & { Group-AsyncBatch 2 -InputStream $q | ForEach-Object { $_ -join ','; break } }; 1", "1,2")]
    [InlineData("Group-AsyncBatch 2 -InputStream (New-AsyncStream { 1..5 }) | ForEach-Object { $_ -join ',' }", "1,2 3,4 5")]
    [InlineData(
        "Group-AsyncBatch 2 -Delay 1h -InputStream ([AsyncPs.Tests.Support.Tasks]::Endless()) | ForEach-Object { $_ -join ','; break }",
        "1,2")]
    [InlineData("Group-AsyncBatch 9 -InputStream (New-AsyncStream { 1 }), (New-AsyncStream { 2 }) | ForEach-Object { $_.Count }", "2")]
    [InlineData("1..3 | Group-AsyncBatch -BatchSize 2 -BatchDelay 1h | ForEach-Object { $_ -join ',' }", "1,2 3")]
    public async Task Batches_are_arrays(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync($"do {{ {script} }} while ($false)"));

    [Fact]
    public async Task What_a_producer_writes_to_other_streams_passes()
    {
        ScriptRun run = await _session.RunAsync("""
            $stream = New-AsyncStream { 1; & { [CmdletBinding()] param() $PSCmdlet.WriteWarning('careful') }; 2; 3 }
            Group-AsyncBatch 2 -InputStream $stream |
                ForEach-Object { $_.Count }
            """);

        Assert.Equal([2, 1], run.Output);
        Assert.Equal("careful", Assert.Single(run.Streams.Warning).Message);
    }

    [Fact]
    public async Task A_batch_leaves_in_time_although_nothing_comes()
    {
        Write(1, 2);
        ScriptRun run = _session.Start("Group-AsyncBatch 10 -Delay 20ms -InputStream $q | ForEach-Object { $_ -join ',' }");
        await Condition.UntilAsync(() => run.Records.Count == 1, "the batch is there");
        _queue.Complete();
        await run.EndAsync();

        Assert.Equal(["1,2"], run.Output);
    }

    [Fact]
    public async Task With_pipeline_input_it_leaves_with_the_next_object()
    {
        ScriptRun run = await _session.RunAsync(
            "& { 1; 2; [Threading.Thread]::Sleep(30); 3 } | Group-AsyncBatch 10 -Delay 10ms | ForEach-Object { $_ -join ',' }");

        Assert.Equal("1,2,3", string.Join(',', run.Output));
        Assert.Equal("3", run.Output[^1]);
    }

    [Fact]
    public async Task Stopping_puts_back_what_was_not_written()
    {
        Write(1, 2);
        ScriptRun run = _session.Start("Group-AsyncBatch 10 -InputStream $q");
        await Condition.UntilAsync(() => _queue is { InFlight: 2, WaitingReaders: 1 }, "it has both");

        await run.StopAsync();

        Assert.Equal((2, 0, 0), (_queue.Count, _queue.InFlight, _queue.WaitingReaders));
        Assert.Equal([1, 2], (await _session.RunAsync("Read-AsyncQueue $q -Count 2")).Output);
    }

    [Theory]
    [InlineData("Group-AsyncBatch 2 -InputStream 'x'", "NotAStream,AsyncPs.Commands.GroupAsyncBatchCommand")]
    [InlineData("1 | Group-AsyncBatch 0", "ParameterArgumentValidationError,AsyncPs.Commands.GroupAsyncBatchCommand")]
    [InlineData("1 | Group-AsyncBatch 1 0", "ParameterArgumentTransformationError,AsyncPs.Commands.GroupAsyncBatchCommand")]
    [InlineData(
        "Complete-AsyncQueue $q -Error 'broken'; Group-AsyncBatch 2 -InputStream $q",
        "RuntimeException,AsyncPs.Commands.GroupAsyncBatchCommand")]
    [InlineData("Group-AsyncBatch 2 -InputStream (New-AsyncStream { 1; throw 'no' })", "no,AsyncPs.Commands.GroupAsyncBatchCommand")]
    public async Task Errors_say_what_is_wrong(string script, string id)
        => Assert.Equal(id, (await _session.FailStatementAsync(script)).FullyQualifiedErrorId);

    private void Write(params object[] items) => Array.ForEach(items, item => _queue.TryWrite(item));

    private Task AdvanceUntilAsync(Task task)
        => _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => task.IsCompleted, "the batch leaves");
}
