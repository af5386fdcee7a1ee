using System.Management.Automation;
using AsyncPs.Tests.Support;

namespace AsyncPs.Tests.Waiting;

/// <summary>Creates objects to wait for, and completes them on demand. Public for scripts.</summary>
public sealed class Sources
{
    public static Task<object> Ended(object value) => Task.FromResult(value);

    public static Task Failed(string message) => Task.FromException(new IOException(message));

    public static Task Several() => Task.WhenAll(Failed("one"), Failed("two"));

    public static Task Canceled() => Task.FromCanceled(new CancellationToken(canceled: true));

    public static object ValueOf(object value) => new ValueTask<object>(Tasks.Later(value));

    public static TestJob Job(string name, JobState state, params object[] output) => new(name, state, output);

    public TaskCompletionSource<object> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<object> Other { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
