using System.Management.Automation;
using System.Management.Automation.Runspaces;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>Blocks write to the caller's host.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Texts_and_progress_reach_the_callers_host_in_order_and_on_its_thread()
    {
        RecordingHost host = new();
        await RunAsync(host, """
            1 | Invoke-Concurrent {
                $Host.UI.Write('a')
                Write-Host 'b'
                Write-Progress 'outer' -Id 1
                Write-Progress 'inner' -Id 2 -ParentId 1
                Write-Warning 'c'
                $Host.UI.WriteLine('d')
                $Host.UI.RawUI.WindowTitle = 'titled'
            }
            $Host.UI.WriteLine("thread $([Environment]::CurrentManagedThreadId)")
            """);

        Assert.Equal(
            ["a", "b\n", "progress outer 1 in -1", "progress inner 2 in 1", "warning c", "d\n", "title titled"], host.Shown.SkipLast(1));
        Assert.Equal($"thread {Assert.Single(host.Threads)}\n", host.Shown[^1]);
    }

    [Fact]
    public async Task Texts_of_many_items_come_in_input_order_with_Ordered()
    {
        RecordingHost host = new();
        await RunAsync(host, "1..50 | Invoke-Concurrent { $Host.UI.WriteLine(\"$_\") } -Ordered -ThrottleLimit 4");

        Assert.Equal(Enumerable.Range(1, 50).Select(static i => $"{i}\n"), host.Shown);
    }

    private static async Task RunAsync(RecordingHost host, string script)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([BuiltModule.Manifest]);
        using Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = runspace;
        await shell.AddScript(script).InvokeAsync().WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken);
    }
}
