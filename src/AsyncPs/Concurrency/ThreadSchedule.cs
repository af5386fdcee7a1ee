using System.Buffers.Text;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace AsyncPs.Concurrency;

/// <summary>
/// How a thread shares the processors with other threads. A thread that takes long may wait for something, may compute, or may be ready
/// to compute while other threads have the processors. Only Linux reports which; on other systems, nothing is known.
/// </summary>
internal sealed class ThreadSchedule
{
    // The maximum age of a reading, because a new one costs a few microseconds.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(10);

    [ThreadStatic]
    private static ThreadSchedule? _current;

    private readonly string? _folder = FolderOfThread();
    private TimeSpan _delay;
    private long _readAt;

    private ThreadSchedule()
    {
    }

    /// <summary>The schedule of the current thread.</summary>
    public static ThreadSchedule Current => _current ??= new ThreadSchedule();

    /// <summary>
    /// Whether the thread computes, or would if a processor were free. False if it waits, or if nothing is known. Any thread.
    /// </summary>
    public bool IsReady
    {
        get
        {
            // `number (name) state …`
            Span<byte> text = stackalloc byte[256];
            text = text[..Read("stat", text)];
            int end = text.LastIndexOf((byte)')');
            return end >= 0 && end + 2 < text.Length && text[end + 2] == 'R';
        }
    }

    /// <summary>Starts to measure a time on this thread.</summary>
    /// <returns>When it started.</returns>
    public long Begin()
    {
        long now = Stopwatch.GetTimestamp();
        if (_folder is not null && Stopwatch.GetElapsedTime(_readAt, now) > MaxAge)
        {
            _readAt = now;
            _delay = Delay();
        }

        return now;
    }

    /// <summary>
    /// The time since <see cref="Begin"/>. A long time excludes the time in which the thread was ready but had no processor.
    /// </summary>
    /// <param name="started">When it started.</param>
    /// <param name="isLong">The time from which it counts as long.</param>
    public TimeSpan ElapsedSince(long started, TimeSpan isLong)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        if (_folder is null || elapsed <= isLong)
        {
            return elapsed;
        }

        TimeSpan before = _delay;
        _delay = Delay();
        _readAt = Stopwatch.GetTimestamp();
        TimeSpan delay = _delay - before;
        return delay < elapsed ? elapsed - delay : TimeSpan.Zero;
    }

    // How long the thread has been ready without a processor, in total.
    private TimeSpan Delay()
    {
        // `computed delayed slices`, in nanoseconds.
        Span<byte> text = stackalloc byte[96];
        text = text[..Read("schedstat", text)];
        int space = text.IndexOf((byte)' ');
        return space >= 0 && Utf8Parser.TryParse(text[(space + 1)..], out long nanoseconds, out _)
            ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick)
            : TimeSpan.Zero;
    }

    private int Read(string file, Span<byte> text)
    {
        if (_folder is null)
        {
            return 0;
        }

        try
        {
            using SafeFileHandle handle = File.OpenHandle(Path.Combine(_folder, file), share: FileShare.ReadWrite);
            return RandomAccess.Read(handle, text, fileOffset: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The thread has ended.
            return 0;
        }
    }

    private static string? FolderOfThread()
    {
        try
        {
            return OperatingSystem.IsLinux() && new FileInfo("/proc/thread-self").LinkTarget is { } link
                ? Path.Combine("/proc", link)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
