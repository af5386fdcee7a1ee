using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace AsyncPs.Remote.Transport;

/// <summary>
/// A channel to a session that a local program serves over its standard streams: a child PowerShell, or an ssh that leads to one. The
/// death of the program ends it at once. Output is not read while nothing takes it, so that the other side has to wait.
/// </summary>
internal sealed class ProcessChannel : IRemoteChannel, IRemoteLink, IDisposable
{
    // The last lines of a dying program are the most useful.
    private const int KeptLines = 20;

    // The exit code of a program that a signal has ended is this plus the number of the signal.
    private const int SignalBase = 128;

    // An idle program whose input has ended is gone in a tenth of this time.
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(2);

    // The time to read what it wrote before it died; a program that it started may hold the stream open.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly Queue<string> _lastWords = new();
    private readonly ManualResetEventSlim _mayRead = new(initialState: true);
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _errorsRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IRemoteReceiver? _receiver;
    private string? _killedBecause;
    private int _ended;
    private int _closed;

    private ProcessChannel(Process process, string? name)
    {
        _process = process;
        ProcessId = process.Id;
        Name = name ?? $"process {ProcessId}";
        Writer = new BrokenPipeWriter(process.StandardInput);
        Exit = WatchAsync();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public TextWriter Writer { get; }

    /// <summary>The id of the program's process.</summary>
    public int ProcessId { get; }

    /// <inheritdoc/>
    public Task Exit { get; }

    /// <summary>The exit code, once the program has ended; null if the system does not tell.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Whether the program was killed.</summary>
    public bool WasKilled => OperatingSystem.IsWindows() ? ExitCode == -1 : ExitCode > SignalBase;

    /// <summary>The last lines that the program wrote to its standard error.</summary>
    public string LastWords
    {
        get
        {
            lock (_lastWords)
            {
                return string.Join(Environment.NewLine, _lastWords);
            }
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">The program, its arguments and its directory.</param>
    /// <param name="name">The name of the other side, for messages, or null for the process itself.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static ProcessChannel Start(ProcessStartInfo program, string? name)
    {
        program.RedirectStandardInput = program.RedirectStandardOutput = program.RedirectStandardError = true;
        program.StandardInputEncoding = program.StandardOutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        program.UseShellExecute = false;
        program.CreateNoWindow = true;
        return new ProcessChannel(Process.Start(program)!, name);
    }

    /// <inheritdoc/>
    public void Open(IRemoteReceiver receiver) => _receiver = receiver;

    /// <inheritdoc/>
    public void Listen()
    {
        // A failure while reading ends the worker, because it could not be reported otherwise.
        Guarded.Start("AsyncPs remote reader", Read, failed: End);
        Guarded.Start("AsyncPs remote errors", ReadErrors);
    }

    /// <inheritdoc/>
    public void SetReading(bool mayRead)
    {
        if (mayRead)
        {
            _mayRead.Set();
        }
        else
        {
            _mayRead.Reset();
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
        {
            return;
        }

        _mayRead.Set();
        Writer.Dispose();
        _ = KillUnlessGoneAsync();
    }

    /// <inheritdoc/>
    /// <remarks>Everything that the program has started is killed too.</remarks>
    public void Kill(string? reason)
    {
        Interlocked.CompareExchange(ref _killedBecause, reason, null);
        _mayRead.Set();
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException or AggregateException or Win32Exception)
        {
            // The program has ended, or is just ending.
        }
    }

    /// <inheritdoc/>
    public async Task<(string How, string Words)> GetEndAsync()
    {
        // The exit code is known shortly after the streams have ended.
        await Task.WhenAny(Exit, Task.Delay(CloseTime)).ConfigureAwait(false);
        string how = Volatile.Read(ref _killedBecause) ?? (ExitCode is { } code ? $"ended with exit code {code}" : "ended");
        return (how, LastWords);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _mayRead.Dispose();
    }

    /// <summary>Kills the program if it does not end on its own within a moment.</summary>
    public async Task KillUnlessGoneAsync()
    {
        if (await Task.WhenAny(Exit, Task.Delay(CloseTime)).ConfigureAwait(false) != Exit)
        {
            Kill(reason: null);
        }
    }

    private async Task WatchAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_read.Task, _errorsRead.Task), Task.Delay(DrainTime)).ConfigureAwait(false);
        try
        {
            ExitCode = _process.ExitCode;
        }
        catch (InvalidOperationException)
        {
            // The system does not tell the exit code.
        }

        End(cause: null);
    }

    private void Read()
    {
        Exception? cause = null;
        try
        {
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                _receiver!.Receive(line);
                _mayRead.Wait();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            cause = e;
        }

        _read.TrySetResult();
        if (cause is not null)
        {
            End(cause);
        }
        else
        {
            // The program has closed its output, so it is ending or must be killed.
            _ = KillUnlessGoneAsync();
        }
    }

    private void ReadErrors()
    {
        try
        {
            while (_process.StandardError.ReadLine() is { } line)
            {
                lock (_lastWords)
                {
                    if (_lastWords.Count == KeptLines)
                    {
                        _lastWords.Dequeue();
                    }

                    _lastWords.Enqueue(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The end of the other stream reports it.
        }

        _errorsRead.TrySetResult();
    }

    private void End(Exception? cause)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0 && Volatile.Read(ref _closed) == 0)
        {
            _receiver?.Ended($"{Name} has ended.", cause);
        }
    }
}
