using System.Management.Automation;

namespace AsyncPs.Tests.Waiting;

/// <summary>Makes what can be waited for, and ends it when it is told to. Public for scripts.</summary>
public sealed class Sources
{
    public static Task<object> Ended(object value) => Task.FromResult(value);

    public static Task Failed(string message) => Task.FromException(new IOException(message));

    public static Task Several() => Task.WhenAll(Failed("one"), Failed("two"));

    public static Task Cancelled() => Task.FromCanceled(new CancellationToken(canceled: true));

    public static object ValueOf(object value) => new ValueTask<object>(Later(value));

    public static TestJob Job(string name, JobState state, params object[] output) => new(name, state, output);

    public TaskCompletionSource<object> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<object> Other { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<object> Later(object value)
    {
        await Task.Yield();
        return value;
    }
}

/// <summary>A job that ends when it is told to.</summary>
public sealed class TestJob : Job
{
    private int _stops;

    public TestJob(string name, JobState state, object[] output)
        : base("command", name)
    {
        Array.ForEach(output, value => Output.Add(PSObject.AsPSObject(value)));
        SetJobState(state);
    }

    public int Stops => Volatile.Read(ref _stops);

    public override bool HasMoreData => Output.Count > 0;

    public override string Location => "here";

    public override string StatusMessage => "";

    public void End(JobState state) => SetJobState(state);

    public override void StopJob()
    {
        Interlocked.Increment(ref _stops);
        SetJobState(JobState.Stopped);
    }
}

/// <summary>An asynchronous operation of the old kind. Public for scripts.</summary>
public sealed class Operation : IAsyncResult, IDisposable
{
    private readonly ManualResetEvent _end = new(initialState: false);

    public object? AsyncState => null;

    public WaitHandle AsyncWaitHandle => _end;

    public bool CompletedSynchronously => false;

    public bool IsCompleted => _end.WaitOne(0);

    public void EndLater() => Task.Run(_end.Set);

    public void Dispose() => _end.Dispose();
}
