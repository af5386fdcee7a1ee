using System.Management.Automation;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Inspection;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Inspection;

/// <summary>Inspection of another process.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_process_that_is_blocked_in_a_call_is_looked_into()
    {
        string file = Path.Combine(_folder.Path, "pid");
        using ChildProcess child = ChildProcess.StartPowerShell(
            ["-NoProfile", "-Command", $$"""
                Import-Module '{{BuiltModule.Manifest}}'
                $q = New-AsyncQueue -Name Never
                1 | Invoke-Concurrent { Set-Content '{{file}}.new' $PID; Move-Item '{{file}}.new' '{{file}}'; Read-AsyncQueue $q }
                """]);
        await Condition.UntilAsync(() => File.Exists(file), "the block runs in the child", TimeSpan.FromMinutes(2));
        string pid = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Trim();

        ConcurrentItemInfo? item = null;
        ConcurrentCallInfo? call = null;
        for (int i = 0; i < 20 && item?.WaitsFor?.Kind != WaitKind.QueueItem; i++)
        {
            ScriptRun look = await _session.RunAsync($"Get-ConcurrentCall -ProcessId {pid} -Timeout 1m", TimeSpan.FromMinutes(2));
            Assert.Empty(look.Errors);
            call = Assert.IsType<ConcurrentCallInfo>(Assert.Single(look.Output));
            item = Assert.Single(call.Items);
        }

        ScriptRun tree = await _session.RunAsync($"Get-ConcurrentCall -ProcessId {pid} -Timeout 1m -Tree", TimeSpan.FromMinutes(2));
        Assert.Equal("Invoke-Concurrent", call!.Command);
        Assert.Equal(pid, call.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("an item of Never", item!.WaitsFor!.ToString());
        Assert.Equal(3, tree.Output.Count);
    }

    [Fact]
    public async Task A_process_without_the_module_is_an_error()
    {
        string file = Path.Combine(_folder.Path, "pid");
        using ChildProcess child = ChildProcess.StartPowerShell(
            ["-NoProfile", "-Command", $"Set-Content '{file}.new' $PID; Move-Item '{file}.new' '{file}'; Start-Sleep 1000"]);
        await Condition.UntilAsync(() => File.Exists(file), "the child runs", TimeSpan.FromMinutes(2));

        string pid = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Trim();
        ErrorRecord error = await _session.FailStatementAsync($"Get-ConcurrentCall -ProcessId {pid} -Timeout 1m");

        Assert.StartsWith("ModuleNotLoadedThere,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_process_is_an_error()
    {
        ErrorRecord error = await _session.FailStatementAsync($"Get-ConcurrentCall -ProcessId {int.MaxValue}");

        Assert.StartsWith("ProcessNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
