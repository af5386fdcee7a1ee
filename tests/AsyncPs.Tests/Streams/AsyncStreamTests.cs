using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AsyncPs.Queues;
using AsyncPs.Streams;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Streams;

/// <summary>Producer blocks as streams: lazy, bounded, cleaned up; and other sources that can be read as streams.</summary>
public sealed class AsyncStreamTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_runs_before_the_first_read_and_every_read_runs_the_block_anew()
    {
        Probe probe = _session.Probe;
        await _session.RunAsync("$global:s = New-AsyncStream { $probe.Produce(); 1..3 }");
        Assert.Equal(0, probe.Produced);

        Assert.Equal([1, 2, 3], (await _session.RunAsync("Read-AsyncStream $s")).Output);
        Assert.Equal([1, 2, 3], (await _session.RunAsync("$s | Read-AsyncStream")).Output);
        Assert.Equal(2, probe.Produced);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task The_producer_is_so_many_elements_ahead_at_the_most(int prefetch)
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            $"Read-AsyncStream (New-AsyncStream {{ foreach ($i in 1..100) {{ $probe.Produce(); "
                + $"$i }} }} -Prefetch {prefetch}) | ForEach-Object {{ $probe.Pass(); $_ }}");

        // The consumer has one element, and this many are ready.
        await Condition.UntilPausedAsync(() => probe.Producer, () => probe.Produced, "the producer waits");
        Assert.InRange(probe.Produced, 2, prefetch + 1);
        probe.Open();

        await run.EndAsync();
        Assert.Equal(Enumerable.Range(1, 100).Cast<object>(), run.Output);
    }

    [Fact]
    public async Task A_reader_that_has_enough_ends_the_producer_with_its_finally_blocks()
    {
        for (int i = 0; i < 20; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = await _session.RunAsync(
                "do { Read-AsyncStream (New-AsyncStream { try { $probe.Enter(); "
                    + "while ($true) { 1 } } finally { $probe.Exit() } }) | ForEach-Object { $_; break } } while ($false)");

            Assert.Equal([1], run.Output);
            Assert.Equal((0, 1), (probe.Running, probe.Ended));
        }
    }

    [Fact]
    public async Task A_reader_that_is_stopped_ends_the_producer()
    {
        for (int i = 0; i < 20; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = _session.Start(
                "Read-AsyncStream (New-AsyncStream { try { $probe.Enter(); while ($true) { } } finally { $probe.Exit() } })");
            await Condition.UntilAsync(() => probe.Running == 1, "the producer runs");

            await run.StopAsync();

            Assert.Equal(1, probe.Ended);
        }
    }

    [Fact]
    public async Task An_error_of_the_producer_comes_after_its_elements_and_ends_the_read()
    {
        ScriptRun run = await _session.RunAsync("""
            $s = New-AsyncStream { 1; 2; throw [IO.InvalidDataException]::new('broken') }
            try { Read-AsyncStream $s } catch { "$_ / $($_.Exception.GetType().Name)" }
            """);

        Assert.Equal([1, 2, "broken / InvalidDataException"], run.Output);
    }

    [Fact]
    public async Task What_the_producer_writes_to_other_streams_arrives_with_its_elements()
    {
        ScriptRun run = await _session.RunAsync("""
            function Write-Both {
                [CmdletBinding()] param() $PSCmdlet.WriteWarning('mind')
                $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('bad'), 'Bad', 'NotSpecified', 7))
            }
            Read-AsyncStream (New-AsyncStream { 1; Write-Both; 2 })
            """);

        Assert.Equal([1, 2], run.Output);
        Assert.Equal("mind", Assert.Single(run.Streams.Warning).Message);
        Assert.Equal(7, Assert.Single(run.Errors).Target());
    }

    [Fact]
    public async Task A_stream_is_an_asynchronous_stream_of_dotnet()
    {
        var stream = (AsyncStream)Assert.Single(
            (await _session.RunAsync("$factor = 10; New-AsyncStream { 1..3 | ForEach-Object { $_ * $factor } }")).Output)!;
        List<object?> elements = [];

        await foreach (object? element in stream.WithCancellation(Token))
        {
            elements.Add(LanguagePrimitives.ConvertTo<int>(element));
        }

        Assert.Equal([10, 20, 30], elements);
    }

    [Fact]
    public async Task Ending_the_enumeration_early_ends_the_producer()
    {
        Probe probe = _session.Probe;
        var stream = (AsyncStream)Assert.Single(
            (await _session.RunAsync("New-AsyncStream { try { while ($true) { 1 } } finally { $probe.Exit() } }")).Output)!;

        await foreach (object? _ in stream.WithCancellation(Token))
        {
            break;
        }

        Assert.Equal(1, probe.Ended);
    }

    [Fact]
    public async Task A_stream_that_a_block_writes_is_read_in_its_place()
    {
        ScriptRun run = await _session.RunAsync(
            "1..2 | Invoke-Concurrent { $n = $_; New-AsyncStream { 1..2 | ForEach-Object { \"$n$_\" } } } -Ordered");

        Assert.Equal(["11", "12", "21", "22"], run.Output);
    }

    [Fact]
    public async Task Streams_and_channels_of_dotnet_can_be_read()
    {
        var channel = Channel.CreateUnbounded<int>();
        channel.Writer.TryWrite(1);
        channel.Writer.Complete();
        var reader = Channel.CreateUnbounded<string>();
        reader.Writer.TryWrite("a");
        reader.Writer.Complete();
        _session.Set("channel", channel);
        _session.Set("reader", reader.Reader);
        _session.Set("stream", CountAsync(3, cancellationToken: Token));
        _session.Set("queue", Queue("x", "y"));

        ScriptRun run = await _session.RunAsync(
            "Read-AsyncStream $channel; $reader | Read-AsyncStream; Read-AsyncStream $stream; Read-AsyncStream $stream -Prefetch 2; "
                + "Read-AsyncStream $queue");

        Assert.Equal([1, "a", 0, 1, 2, 0, 1, 2, "x", "y"], run.Output);
    }

    [Fact]
    public async Task Several_take_turns_and_those_that_end_drop_out()
    {
        _session.Set("queue", Queue("x", "y"));

        ScriptRun run = await _session.RunAsync(
            "Read-AsyncStream (New-AsyncStream { 1 }), $queue, (New-AsyncStream { 'a', 'b', 'c' }) -InTurn");

        Assert.Equal([1, "x", "a", "y", "b", "c"], run.Output);
    }

    [Fact]
    public async Task Several_are_merged_as_they_come()
    {
        var slow = new AsyncQueue();
        var fast = new AsyncQueue();
        _session.Set("slow", slow);
        _session.Set("fast", fast);
        ScriptRun run = _session.Start("Read-AsyncStream $slow, $fast");

        fast.TryWrite(1);
        fast.TryWrite(2);
        await Condition.UntilAsync(() => run.Records.Count == 2, "the fast one does not wait for the slow one");
        slow.TryWrite(3);
        await Condition.UntilAsync(() => run.Records.Count == 3, "the slow one has its turn");
        fast.Complete();
        slow.TryWrite(4);
        slow.Complete();

        await run.EndAsync();
        Assert.Equal([1, 2, 3, 4], run.Output);
        Assert.Equal((2, 2), (slow.Finished, fast.Finished));
    }

    [Fact]
    public async Task A_merged_read_that_ends_early_leaves_the_queues_what_nobody_got()
    {
        for (int i = 0; i < 30; i++)
        {
            AsyncQueue[] queues = [Queue(1, 2, 3), Queue(4, 5, 6)];
            _session.Set("first", queues[0]);
            _session.Set("second", queues[1]);

            ScriptRun run = await _session.RunAsync("Read-AsyncStream $first, $second -Count 2");

            Assert.Equal(2, run.Output.Count);
            Assert.Equal((2, 4, 0), (queues.Sum(q => q.Finished), queues.Sum(q => q.Count), queues.Sum(q => q.InFlight)));
        }
    }

    [Fact]
    public async Task An_item_of_a_queue_on_which_the_pipeline_fails_goes_back()
    {
        AsyncQueue queue = Queue(1, 2);
        _session.Set("queue", queue);

        await _session.FailAsync("Read-AsyncStream $queue | ForEach-Object { throw 'no' }");

        Assert.Equal((2, 0), (queue.Count, queue.InFlight));
        Assert.Equal(2, (await queue.ReadItemAsync(Token)).DeliveryCount);
    }

    [Fact]
    public async Task Reading_ahead_reads_no_more_than_asked_for()
    {
        int produced = 0;
        _session.Set("stream", CountAsync(100, () => Interlocked.Increment(ref produced), Token));
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start("Read-AsyncStream $stream -Prefetch 3 | ForEach-Object { $probe.Pass(); $_ }");

        await Condition.UntilAsync(() => produced == 4 && probe.Running == 1, "one is with the pipeline and three are ready");
        await Condition.UntilPausedAsync(() => probe.Runner, () => produced, "no more are read");
        Assert.Equal(4, produced);
        probe.Open();

        await run.EndAsync();
        Assert.Equal(100, run.Output.Count);
    }

    [Fact]
    public async Task A_stream_that_heeds_no_token_can_be_stopped_and_timed_out_all_the_same()
    {
        var never = new TaskCompletionSource();
        int readers = 0;
        _session.Set("stream", NeverAsync(() => Interlocked.Increment(ref readers), never.Task));

        ScriptRun run = await _session.RunAsync("Read-AsyncStream $stream -Timeout 10ms");
        Assert.Equal("StreamReadTimeout,AsyncPs.Commands.ReadAsyncStreamCommand", Assert.Single(run.Errors).FullyQualifiedErrorId);

        run = _session.Start("Read-AsyncStream $stream");
        await Condition.UntilAsync(() => Volatile.Read(ref readers) == 2, "it reads");
        await run.StopAsync();

        never.SetResult();
    }

    [Theory]
    [InlineData("Read-AsyncStream $one -Timeout 0", "1 2", "StreamReadTimeout")]
    [InlineData("Read-AsyncStream $one, $two -Timeout 0", "1 3 2 4", "StreamReadTimeout")]
    [InlineData("Read-AsyncStream $channel -Prefetch 2 -Timeout 0", "5 6 7", "StreamReadTimeout")]
    [InlineData("Read-AsyncQueue $one -Timeout 0", "1 2", "QueueReadTimeout")]
    public async Task Without_waiting_there_is_what_is_there(string script, string expected, string id)
    {
        for (int round = 0; round < 200; round++)
        {
            _session.Set("one", OpenQueue(1, 2));
            _session.Set("two", OpenQueue(3, 4));
            _session.Set("channel", OpenChannel(5, 6, 7));

            ScriptRun run = await _session.RunAsync(script);

            Assert.Equal(expected, string.Join(' ', run.Output));
            Assert.StartsWith(id + ",", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_no_stream_is_refused()
    {
        ErrorRecord error = await _session.FailAsync("$ErrorActionPreference = 'Stop'; Read-AsyncStream 5");

        Assert.Equal("NotAStream,AsyncPs.Commands.ReadAsyncStreamCommand", error.FullyQualifiedErrorId);
        Assert.Equal(5, error.Target());
    }

    private static Channel<int> OpenChannel(params int[] items)
    {
        var channel = Channel.CreateUnbounded<int>();
        Array.ForEach(items, item => channel.Writer.TryWrite(item));
        return channel;
    }

    private static AsyncQueue Queue(params object[] items)
    {
        AsyncQueue queue = OpenQueue(items);
        queue.Complete();
        return queue;
    }

    private static AsyncQueue OpenQueue(params object[] items)
    {
        var queue = new AsyncQueue();
        foreach (object item in items)
        {
            queue.TryWrite(item);
        }

        return queue;
    }

    private static async IAsyncEnumerable<int> CountAsync(
        int count, Action? produce = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            produce?.Invoke();
            yield return i;
        }
    }

    private static async IAsyncEnumerable<int> NeverAsync(Action begun, Task never)
    {
        begun();
        await never;
        yield return 1;
    }
}
