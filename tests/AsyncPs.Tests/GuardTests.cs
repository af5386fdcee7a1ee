using System.Diagnostics;
using System.Text.RegularExpressions;
using AsyncPs.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>No exception ends the process: where it would, it is caught, and told to those whom it concerns.</summary>
public sealed partial class GuardTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src");

    // Each catches the possible exceptions, as its comment says.
    private static readonly HashSet<string> Exceptions =
    [
        "AsyncPs/PowerShell/Guarded.cs",

        // What it runs is guarded; it needs a stack of its own.
        "AsyncPs/Workers/Worker.cs",

        // Completes a task, which never throws.
        "AsyncPs/Waiting/WaitHandles.cs",
    ];

    public static TheoryData<string> Unguarded { get; } = ["new Timer(", "new Thread(", "CreateTimer(", "ThreadPool.", "async void"];

    [Theory]
    [MemberData(nameof(Unguarded))]
    public void Timers_and_threads_are_guarded(string call)
        => Assert.Empty(Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Where(static file => !Generated().IsMatch(file))
            .Where(file => File.ReadLines(file)
                .Any(line => line.Contains(call, StringComparison.Ordinal)
                    && !line.Contains("Guarded.", StringComparison.Ordinal)
                    && !line.TrimStart().StartsWith('/')))
            .Select(static file => Path.GetRelativePath(Source, file).Replace('\\', '/'))
            .Except(Exceptions));

    [Fact]
    public async Task What_a_timer_fails_with_is_told()
    {
        var told = new TaskCompletionSource<Exception>();
        await using Timer timer = Guarded.Timer(static () => throw new IOException("due"), told.SetResult);
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        Assert.Equal("due", (await told.Task.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void What_a_timer_of_a_clock_fails_with_is_told()
    {
        var time = new FakeTimeProvider();
        Exception? told = null;
        using ITimer timer = Guarded.Timer(time, static () => throw new IOException("due"), failure => told = failure);
        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("due", told?.Message);
    }

    [Fact]
    public async Task What_a_thread_fails_with_is_told()
    {
        var told = new TaskCompletionSource<Exception>();
        Guarded.Start("AsyncPs test", static () => throw new IOException("ran"), failed: told.SetResult);

        Assert.Equal("ran", (await told.Task.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void What_concerns_no_one_is_traced()
    {
        using var listener = new Listener();
        Trace.Listeners.Add(listener);
        try
        {
            Guarded.Run(static () => throw new IOException("nobody's"));
            Guarded.Run(static () => throw new IOException("first"), static _ => throw new IOException("second"));
        }
        finally
        {
            Trace.Listeners.Remove(listener);
        }

        Assert.Contains("nobody's", listener.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("second", listener.Text, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex Generated();

    private sealed class Listener : TraceListener
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string?> _lines = new();

        public string Text => string.Join('\n', _lines);

        public override void Write(string? message) => _lines.Enqueue(message);

        public override void WriteLine(string? message) => _lines.Enqueue(message);
    }
}
