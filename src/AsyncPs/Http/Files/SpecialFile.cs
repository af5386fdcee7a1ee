namespace AsyncPs.Http.Files;

/// <summary>
/// A device or a pipe that gets a body as it arrives. It may block its writer forever, so each wait can be canceled.
/// </summary>
internal sealed class SpecialFile : IAsyncDisposable
{
    private readonly FileStream _stream;

    private SpecialFile(FileStream stream) => _stream = stream;

    /// <summary>Opens the file. Opening a pipe completes when it has a reader.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static async ValueTask<SpecialFile> OpenAsync(string path, CancellationToken cancellationToken)
    {
        // On a separate thread, which a pipe without a reader blocks.
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
    /// <exception cref="IOException">They cannot be written, for example because the reader is gone.</exception>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        => _stream.WriteAsync(bytes, CancellationToken.None).AsTask().WaitAsync(cancellationToken);

    /// <summary>Closes the file after a write that still waits for the reader.</summary>
    public ValueTask DisposeAsync()
    {
        _stream.SafeFileHandle.Dispose();
        return ValueTask.CompletedTask;
    }

    private static FileStream Open(string path, FileAccess access) => new(path, FileMode.Open, access, FileShare.ReadWrite, bufferSize: 0);

    // Releases the thread that waits for a reader, by being one. Opened for reading and writing, this does not block.
    private static void Release(string path)
    {
        try
        {
            Open(path, FileAccess.ReadWrite).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // It is not a pipe, so nothing blocks for long.
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
            // The file was not opened.
        }
    }
}
