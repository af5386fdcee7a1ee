namespace AsyncPs.Tests.Waiting;

/// <summary>An asynchronous operation with Begin and End methods. Public for scripts.</summary>
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
