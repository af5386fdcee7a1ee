using System.Diagnostics;
using System.Runtime.ExceptionServices;
using AsyncPs.Blocks;
using AsyncPs.Blocks.Capture;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Jobs;
using AsyncPs.Queues;
using AsyncPs.Waiting;

namespace AsyncPs.Commands;

/// <content>The kinds of work that can be waited for.</content>
public sealed partial class WaitWithTimeoutCommand
{
    private WaitedWork CreateWork(object? given) => PSObjectExtensions.Unwrap(given) switch
    {
        null => throw WaitErrors.NotWaitable(null),
        Task task => new TaskWork(task, task),
        ScriptBlock block => new BlockWork(
            block, new BackgroundBlock(block, ArgumentList, CaptureOptions.Default, this), keepsErrors: AsResult || Any),
        ThrottledJob job => new JobWork(job, job.End, JobReader.Receive),
        Job job => new JobWork(job, TaskOf(job), JobReader.Receive),
        Process process => new ProcessWork(process),
        IAsyncQueue queue => new QueueWork(queue),
        Mutex mutex => throw WaitErrors.MutexNotWaitable(mutex),
        WaitHandle handle => HandleWork.Of(handle),
        IAsyncResult operation => HandleWork.Of(operation),
        var other when ValueTasks.TryConvert(other) is { } task => new TaskWork(task, task),
        var other when TaskOf(other) is { } task => new TaskWork(other, task),
        var other => throw WaitErrors.NotWaitable(other),
    };

    // For a TaskCompletionSource, and for other objects that have a task.
    private static Task? TaskOf(object source)
        => source.GetType().GetProperty("Task") is { } property && typeof(Task).IsAssignableFrom(property.PropertyType)
            ? (Task?)property.GetValue(source)
            : null;

    private void Start()
    {
        // A caller that only polls does not want the work to start.
        if (Polls)
        {
            return;
        }

        foreach (WaitedWork work in _works)
        {
            (work as BlockWork)?.Start(WriteLiveAsync);
        }
    }

    private async ValueTask WriteLiveAsync(StreamRecord record, CancellationToken cancellationToken)
    {
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, cancellationToken);
            await _live.DoAsync(() => WriteLive(record), end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The command has ended and cannot report it.
        }
    }

    private bool WriteLive(StreamRecord record)
    {
        try
        {
            _writer!.Write(record);
            return true;
        }
        catch (Exception e)
        {
            // The exception ended the caller, and ends the command.
            _thrown ??= ExceptionDispatchInfo.Capture(e);
            _session?.End();
            throw;
        }
    }
}
