using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Pester;

/// <summary>The results of the tests of a file, and the output of Pester.</summary>
public sealed record PesterResult(string PowerShell, string Pester, string Result, int Passed, int Failed, int Skipped)
{
    public string Output { get; init; } = "";
}

/// <summary>
/// A PowerShell that runs Pester on one file after another. If it hangs or crashes, the file fails, and the next one gets a new process.
/// </summary>
public sealed class PesterProcess : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Files to run and results use separate pipes, because the standard streams belong to the tests.</summary>
    private const string Script = """
        $PSStyle.OutputRendering = 'PlainText'
        Add-Type -TypeDefinition @'
        public static class UnhandledExceptions
        {
            public static void RecordTo(string file) => System.AppDomain.CurrentDomain.UnhandledException += (_, e) =>
                System.IO.File.AppendAllText(file, $"{System.Threading.Thread.CurrentThread.Name}: {e.ExceptionObject}\n");
        }
        '@
        [UnhandledExceptions]::RecordTo($env:ASYNCPS_PESTER_UNHANDLED)
        Import-Module Pester -ErrorAction Stop
        $pipe = [IO.Pipes.NamedPipeClientStream]::new('.', $env:ASYNCPS_PESTER_PIPE, 'InOut')
        $pipe.Connect()
        $reader = [IO.StreamReader]::new($pipe)
        $writer = [IO.StreamWriter]::new($pipe)
        $writer.AutoFlush = $true
        while ($file = $reader.ReadLine()) {
            $configuration = New-PesterConfiguration
            $configuration.Run.Path = $file
            $configuration.Run.PassThru = $true
            $configuration.Output.RenderMode = 'Plaintext'
            $configuration.Output.Verbosity = 'Detailed'
            $run = Invoke-Pester -Configuration $configuration

            # The jobs of a file are nothing to the next one.
            Get-Job | Remove-Job -Force
            [Console]::Out.Flush()
            $writer.WriteLine((ConvertTo-Json -Compress ([ordered] @{
                PowerShell = "$($PSVersionTable.PSVersion)"
                Pester     = "$((Get-Module Pester).Version)"
                Result     = "$($run.Result)"
                Passed     = $run.PassedCount
                Failed     = $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
                Skipped    = $run.SkippedCount
            })))
        }
        """;

    private readonly StringBuilder _output = new();
    private readonly string _unhandled = Path.Combine(Path.GetTempPath(), $"asyncps-unhandled-{Guid.NewGuid():N}");
    private NamedPipeServerStream? _pipe;
    private Process? _process;
    private StreamReader? _results;
    private StreamWriter? _files;

    /// <summary>Runs the tests of a file.</summary>
    public async Task<PesterResult> RunAsync(string file)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        string? result = null;
        try
        {
            await StartAsync(deadline.Token);
            await _files!.WriteLineAsync(file.AsMemory(), deadline.Token);
            result = await _results!.ReadLineAsync(deadline.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            Write(e.Message);
        }

        if (result is null)
        {
            End();
        }

        string? unhandled = TakeUnhandled();

        string output;
        lock (_output)
        {
            output = _output.ToString();
            _output.Clear();
        }

        return unhandled is not null
            ? new PesterResult("?", "?", $"An unhandled exception: {unhandled}", 0, 0, 0) { Output = output }
            : result is null
            ? new PesterResult("?", "?", "The process did not say how they ended", 0, 0, 0) { Output = output }
            : JsonSerializer.Deserialize<PesterResult>(result)! with { Output = output };
    }

    /// <summary>Ends the process. The run fails if an exception has ended it after the last file had succeeded.</summary>
    public void Dispose()
    {
        End();
        if (TakeUnhandled() is { } unhandled)
        {
            throw new InvalidOperationException($"An unhandled exception ended PowerShell: {unhandled}");
        }
    }

    private string? TakeUnhandled()
    {
        if (!File.Exists(_unhandled))
        {
            return null;
        }

        string text = File.ReadAllText(_unhandled);
        File.Delete(_unhandled);
        return text;
    }

    private void End()
    {
        _pipe?.Dispose();
        if (_process is not null)
        {
            // The process ends at the end of the pipe, unless a test hangs.
            if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
        }

        (_pipe, _process) = (null, null);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_process is not null)
        {
            return;
        }

        string name = $"asyncps-pester-{Guid.NewGuid():N}";
        _pipe = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        ProcessStartInfo start = PowerShellTool.StartInfo("-NonInteractive", "-Command", Script);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["ASYNCPS_PESTER_PIPE"] = name;
        start.Environment["ASYNCPS_PESTER_UNHANDLED"] = _unhandled;
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task connected = _pipe.WaitForConnectionAsync(gone.Token);
        if (await Task.WhenAny(connected, _process.WaitForExitAsync(gone.Token)) != connected)
        {
            await gone.CancelAsync();
            throw new IOException($"PowerShell ended with {_process.ExitCode} before it ran a test.");
        }

        await connected;
        _results = new StreamReader(_pipe);
        _files = new StreamWriter(_pipe) { AutoFlush = true };
    }

    private void Write(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
