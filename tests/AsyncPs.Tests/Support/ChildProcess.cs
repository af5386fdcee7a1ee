using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace AsyncPs.Tests.Support;

/// <summary>How a process ended, and what it wrote.</summary>
public sealed record ChildResult(int ExitCode, string Output, string Error);

/// <summary>A child process with redirected streams and a deadline, after which it is killed and the test fails.</summary>
public sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Transcript _output = new();
    private readonly Transcript _error = new();
    private readonly CancellationTokenSource _deadline;
    private readonly Task _streams;

    /// <param name="start">What is started.</param>
    /// <param name="input">Its standard input; null if that stays open.</param>
    /// <param name="answer">What is typed when the process has written something, if anything.</param>
    private ChildProcess(ProcessStartInfo start, string? input, Func<string, string>? answer = null)
    {
        _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _deadline.CancelAfter(Deadline);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.Start();
        Action<string>? respond = answer is null ? null : text => TryType(answer(text));
        _streams = Task.WhenAll(_output.RecordAsync(_process.StandardOutput, respond), _error.RecordAsync(_process.StandardError, null));
        if (input is not null)
        {
            _process.StandardInput.Write(input);
            _process.StandardInput.Close();
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written to standard output so far.</summary>
    public string Output => _output.ToString();

    /// <summary>Starts PowerShell with an empty standard input, or a given one, and variables of its environment.</summary>
    public static ChildProcess StartPowerShell(
        IEnumerable<string> arguments,
        string input = "",
        params (string Name, string? Value)[] environment)
    {
        ProcessStartInfo start = PowerShellTool.StartInfo(["-NonInteractive", .. arguments]);
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start, input);
    }

    /// <summary>Runs PowerShell to its end.</summary>
    public static async Task<ChildResult> RunPowerShellAsync(params string[] arguments)
    {
        using ChildProcess process = StartPowerShell(arguments);
        return await process.ExitAsync();
    }

    /// <summary>Starts a program whose standard input stays open.</summary>
    public static ChildProcess Start(ProcessStartInfo start, Func<string, string>? answer = null) => new(start, input: null, answer);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ChildResult> RunAsync(string program, params string[] arguments)
    {
        using ChildProcess process = new(new ProcessStartInfo(program, arguments), input: "");
        return await process.ExitAsync();
    }

    public void Type(string text)
    {
        lock (_process)
        {
            _process.StandardInput.Write(text);
            _process.StandardInput.Flush();
        }
    }

    /// <summary>Returns as soon as standard output contains the text.</summary>
    public Task SeeAsync(string text) => BeforeDeadlineAsync(_output.ContainsAsync(text, _deadline.Token), $"it wrote '{text}'");

    /// <summary>Returns as soon as standard error contains the text.</summary>
    public Task SeeErrorAsync(string text)
        => BeforeDeadlineAsync(_error.ContainsAsync(text, _deadline.Token), $"it wrote '{text}' to standard error");

    /// <summary>Types until the answer is there: a terminal that is interrupted drops what was typed just before.</summary>
    /// <param name="input">What is typed.</param>
    /// <param name="answer">What is waited for.</param>
    public async Task TypeUntilSeenAsync(string input, string answer)
    {
        Type(input);
        while (true)
        {
            using CancellationTokenSource retry = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
            retry.CancelAfter(TimeSpan.FromSeconds(5));
            try
            {
                await _output.ContainsAsync(answer, retry.Token);
                return;
            }
            catch (OperationCanceledException) when (!_deadline.IsCancellationRequested)
            {
                Type(input);
            }
            catch (OperationCanceledException)
            {
                await SeeAsync(answer);
            }
        }
    }

    /// <summary>Sends a signal, such as <c>INT</c>.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<ChildResult> ExitAsync()
    {
        await BeforeDeadlineAsync(_process.WaitForExitAsync(_deadline.Token), "it ended");
        await BeforeDeadlineAsync(_streams.WaitAsync(_deadline.Token), "its streams ended");
        return new ChildResult(_process.ExitCode, _output.ToString(), _error.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _deadline.Dispose();
    }

    private void TryType(string text)
    {
        try
        {
            Type(text);
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    private async Task BeforeDeadlineAsync(Task task, string what)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The deadline passed before {what}.\nOutput:\n{_output}\nError:\n{_error}");
        }
    }

    /// <summary>What one stream has carried so far, exactly, and a way to wait for more.</summary>
    private sealed class Transcript
    {
        private readonly StringBuilder _text = new();
        private TaskCompletionSource _grew = New();

        internal async Task RecordAsync(StreamReader stream, Action<string>? respond)
        {
            char[] buffer = new char[4096];
            while (await stream.ReadAsync(buffer) is > 0 and var count)
            {
                lock (_text)
                {
                    _text.Append(buffer, 0, count);
                    _grew.TrySetResult();
                    _grew = New();
                }

                respond?.Invoke(new string(buffer, 0, count));
            }
        }

        internal async Task ContainsAsync(string text, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task grew;
                lock (_text)
                {
                    if (_text.ToString().Contains(text, StringComparison.Ordinal))
                    {
                        return;
                    }

                    grew = _grew.Task;
                }

                await grew.WaitAsync(cancellationToken);
            }
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
            }
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
