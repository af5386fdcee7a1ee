namespace AsyncPs.Http.Files;

/// <summary>
/// A device or a pipe that a body is written to as it comes. It may keep its writer waiting for ever, so each wait can be ended.
/// </summary>
internal sealed class SpecialFile : IAsyncDisposable
{
    private readonly FileStream _stream;

    private SpecialFile(FileStream stream) => _stream = stream;

    /// <summary>Opens it. A pipe opens when somebody reads from it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static async ValueTask<SpecialFile> OpenAsync(string path, CancellationToken cancellationToken)
    {
        // On a thread of its own, which a pipe without a reader blocks.
        Task<FileStream> opening = Task.Factory.StartNew(
            () => Open(path, FileAccess.Write), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return new SpecialFile(await opening.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            Release(path);
            await ReleaseAsync(opening).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes some bytes.</summary>
    /// <exception cref="IOException">They cannot be written: the reader has gone, for example.</exception>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        => _stream.WriteAsync(bytes, CancellationToken.None).AsTask().WaitAsync(cancellationToken);

    /// <summary>Closes it, when a write that still waits for its reader has ended.</summary>
    public ValueTask DisposeAsync()
    {
        _stream.SafeFileHandle.Dispose();
        return ValueTask.CompletedTask;
    }

    private static FileStream Open(string path, FileAccess access) => new(path, FileMode.Open, access, FileShare.ReadWrite, bufferSize: 0);

    // A reader lets the thread go on that waits for one; opened for both, it does not wait itself.
    private static void Release(string path)
    {
        try
        {
            Open(path, FileAccess.ReadWrite).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // It is no pipe, so nothing waits for long.
        }
    }

    private static async Task ReleaseAsync(Task<FileStream> opening)
    {
        try
        {
            (await opening.ConfigureAwait(false)).SafeFileHandle.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was not opened.
        }
    }
}
