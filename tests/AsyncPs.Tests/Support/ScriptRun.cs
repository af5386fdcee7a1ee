using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Xunit;

namespace AsyncPs.Tests.Support;

/// <summary>A script that runs or has run: what it has written so far, and ways to end it.</summary>
public sealed class ScriptRun
{
    private readonly PowerShell _shell;
    private readonly Task _end;

    internal ScriptRun(Runspace runspace, string script)
    {
        _shell = PowerShell.Create();
        _shell.Runspace = runspace;
        _shell.AddScript(script, useLocalScope: true);
        _end = _shell.InvokeAsync<PSObject, PSObject>(null, Records);
    }

    public PSDataCollection<PSObject> Records { get; } = [];

    public IReadOnlyList<object?> Output => [.. Records.ToArray().Select(static o => o?.BaseObject)];

    /// <summary>The output, with its first elements sorted, which come in any order.</summary>
    public IEnumerable<object?> OutputSorted(int first) => [.. Output.Take(first).Order(), .. Output.Skip(first)];

    public PSDataStreams Streams => _shell.Streams;

    public IReadOnlyList<ErrorRecord> Errors => [.. _shell.Streams.Error];

    public bool HasEnded => _end.IsCompleted;

    /// <summary>Waits for the end; an error that ended the script is thrown.</summary>
    public async Task EndAsync(TimeSpan? deadline = null)
    {
        try
        {
            await _end.WaitAsync(deadline ?? Condition.Deadline, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            _shell.BeginStop(null, null);
            throw new TimeoutException(
                $"The script did not end in time. Output records: {Records.Count}; errors: {string.Join("; ", Errors)}");
        }
    }

    /// <summary>Stops the script, as Ctrl+C does, and waits for its end.</summary>
    public async Task StopAsync()
    {
        await Task.Factory
            .FromAsync(_shell.BeginStop, _shell.EndStop, null)
            .WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken);
        try
        {
            await EndAsync();
        }
        catch (PipelineStoppedException)
        {
            // That is how it ends.
        }
        finally
        {
            _shell.Dispose();
        }
    }
}
