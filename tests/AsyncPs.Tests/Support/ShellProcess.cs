using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace AsyncPs.Tests.Support;

/// <summary>How the shell ended, and what it wrote.</summary>
public sealed record ShellResult(int ExitCode, string Output, string Error);

/// <summary>The built shell as a child process with redirected streams and a deadline, after which it is killed and the test fails.</summary>
public sealed class ShellProcess : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly Transcript _output = new();
    private readonly Transcript _error = new();
    private readonly CancellationTokenSource _deadline;
    private readonly Task _streams;

    private ShellProcess(ProcessStartInfo start, string? input)
    {
        _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _deadline.CancelAfter(Deadline);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.Start();
        _streams = Task.WhenAll(_output.RecordAsync(_process.StandardOutput), _error.RecordAsync(_process.StandardError));
        if (input is not null)
        {
            _process.StandardInput.Write(input);
            _process.StandardInput.Close();
        }
    }

    /// <summary>The shell of the configuration that the tests were built in.</summary>
    public static string Path { get; } = System.IO.Path.Combine(
        Repository.Root, "src", "AsyncPs.Shell", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "asyncps-shell.dll");

    /// <summary>
    /// The command that starts the shell. A program started in the background ignores Ctrl+C, and so do its children: where the
    /// tests run like that, the shell still has to hear it.
    /// </summary>
    public static string[] Command { get; } = [.. OperatingSystem.IsLinux() ? (string[])["env", "--default-signal=INT"] : [], "dotnet", Path];

    public bool HasExited => _process.HasExited;

    /// <summary>Starts the shell with an empty standard input and the given environment variables.</summary>
    public static ShellProcess Start(IEnumerable<string> arguments, string input = "", params (string Name, string? Value)[] environment)
    {
        ProcessStartInfo start = new(Command[0], [.. Command[1..], .. arguments]);
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ShellProcess(start, input);
    }

    /// <summary>Starts another program whose standard input stays open, for example one that gives the shell a terminal.</summary>
    public static ShellProcess StartOther(string program, params string[] arguments) => new(new ProcessStartInfo(program, arguments), input: null);

    public static async Task<ShellResult> RunAsync(params string[] arguments)
    {
        using ShellProcess shell = Start(arguments);
        return await shell.ExitAsync();
    }

    public void Type(string text)
    {
        _process.StandardInput.Write(text);
        _process.StandardInput.Flush();
    }

    /// <summary>Returns as soon as standard output contains the text.</summary>
    public Task SeeAsync(string text) => BeforeDeadlineAsync(_output.ContainsAsync(text, _deadline.Token), $"it wrote '{text}'");

    /// <summary>Returns as soon as standard error contains the text.</summary>
    public Task SeeErrorAsync(string text) => BeforeDeadlineAsync(_error.ContainsAsync(text, _deadline.Token), $"it wrote '{text}' to standard error");

    /// <summary>Types until the answer is there: a terminal that is interrupted drops what was typed just before and after.</summary>
    public async Task TypeUntilSeenAsync(string input, string answer)
    {
        for (int attempt = 0; attempt < 15; attempt++)
        {
            Type(input);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await _output.ContainsAsync(answer, patience.Token);
                return;
            }
            catch (OperationCanceledException)
            {
                // Dropped: once more.
            }
        }

        await SeeAsync(answer);
    }

    /// <summary>Types the same again and again until the process ends.</summary>
    public async Task<ShellResult> TypeUntilExitAsync(string input)
    {
        Task<ShellResult> exit = ExitAsync();
        while (!exit.IsCompleted)
        {
            try
            {
                Type(input);
            }
            catch (IOException)
            {
                // It has ended.
            }

            await Task.WhenAny(exit, Task.Delay(100));
        }

        return await exit;
    }

    /// <summary>Sends a signal, such as <c>INT</c>.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<ShellResult> ExitAsync()
    {
        await BeforeDeadlineAsync(_process.WaitForExitAsync(_deadline.Token), "it ended");
        await BeforeDeadlineAsync(_streams.WaitAsync(_deadline.Token), "its streams ended");
        return new ShellResult(_process.ExitCode, _output.ToString(), _error.ToString());
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

        internal async Task RecordAsync(StreamReader stream)
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
