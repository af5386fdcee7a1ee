using AsyncPs.Concurrency;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

public sealed class OutputBufferTests
{
    [Fact]
    public async Task A_reader_that_sleeps_when_records_begin_to_come_in_batches_gets_the_first()
    {
        var buffer = new OutputBuffer(capacity: 512, window: null, CancellationToken.None);
        var read = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reader = new Thread(() =>
        {
            buffer.WaitForRecord(static () => false);
            read.SetResult(buffer.TryRead(out StreamRecord record) ? record.Data : null);
        }) { IsBackground = true };
        reader.Start();
        await Condition.UntilAsync(() => buffer.ReaderSleeps && reader.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "the reader sleeps");

        buffer.InBatches = true;
        buffer.Write(new StreamRecord(null, StreamKind.Output, "first"));

        Assert.Equal("first", await read.Task.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task So_does_one_that_awaits()
    {
        var buffer = new OutputBuffer(capacity: 512, window: null, CancellationToken.None);
        Task<StreamRecord?> read = buffer.ReadAsync(static () => false).AsTask();

        buffer.InBatches = true;
        buffer.Write(new StreamRecord(null, StreamKind.Output, "first"));

        Assert.Equal("first", (await read.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken))?.Data);
    }
}
