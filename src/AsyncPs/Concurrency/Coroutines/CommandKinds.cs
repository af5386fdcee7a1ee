using System.Text.RegularExpressions;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// What the names of commands and methods tell: which of them wait, and which return at once. An alias that a cmdlet of this module ships
/// with counts as its name.
/// </summary>
internal static partial class CommandKinds
{
    // They may wait for something that only another item of the same worker can bring about.
    private static readonly HashSet<string> WaitingCommands = new(StringComparer.OrdinalIgnoreCase)
    {
        "Wait-Async", "Start-Sleep", "sleep",
        "Read-AsyncQueue", "Write-AsyncQueue", "Wait-AsyncQueue", "Read-AsyncStream", "Invoke-Concurrent", "Invoke-ConcurrentQuery",
            "Import-ConcurrentData",
        "Get-AsyncCache", "Receive-Job", "Wait-Job", "Wait-WithTimeout", "Write-AsyncWebSocket", "Use-Throttle", "Use-AsyncPool",
            "Use-AsyncResource",
        "Use-TaskGroup", "Invoke-WithRetry", "Publish-AsyncEvent", "Wait-Event", "Wait-Process", "Wait-Debugger", "Read-Host",
            "Invoke-Expression",
        "Invoke-Command", "Start-Job", "Remove-Job", "Stop-Job", "Group-AsyncBatch", "Connect-AsyncWebSocket", "Close-AsyncWebSocket",
    };

    // Those of them that suspend the block if they are the last in their pipeline.
    private static readonly HashSet<string> SuspendingCommands = new(StringComparer.OrdinalIgnoreCase)
    {
        "Wait-Async", "Read-AsyncQueue", "Write-AsyncQueue", "Wait-AsyncQueue", "Invoke-Concurrent", "Invoke-ConcurrentQuery",
        "Read-AsyncStream", "Get-AsyncCache", "Use-Throttle", "Use-AsyncPool", "Write-AsyncWebSocket", "Wait-WithTimeout",
            "Invoke-WithRetry",
    };

    // Their blocks run in other workers, and they wait for them.
    private static readonly HashSet<string> RunningInWorkers = new(StringComparer.OrdinalIgnoreCase)
    {
        "Invoke-Concurrent", "Get-AsyncCache", "Wait-WithTimeout",
    };

    // They start work elsewhere: their blocks do not run here.
    private static readonly HashSet<string> Starting = new(StringComparer.OrdinalIgnoreCase)
    {
        "Start-Throttled", "Start-Job", "Start-ThreadJob", "Register-AsyncEvent", "New-AsyncStream", "New-AsyncCache", "New-AsyncPool",
    };

    private static readonly HashSet<string> Quick = new(StringComparer.OrdinalIgnoreCase)
    {
        "Add-Member", "Compare-Object", "ConvertFrom-Csv", "ConvertFrom-Json", "ConvertFrom-StringData", "ConvertTo-Csv",
            "ConvertTo-Json", "ForEach-Object",
        "Format-List", "Format-Table", "Get-Culture", "Get-Date", "Get-Item", "Get-Location", "Get-Member", "Get-PSCallStack",
            "Get-Random", "Get-Unique", "Get-Variable",
        "Group-Object", "Join-Path", "Join-String", "Measure-Object", "New-Guid", "New-Object", "New-TimeSpan", "New-Variable",
            "Out-Default", "Out-Null",
        "Out-String", "Remove-Variable", "Resolve-Path", "Select-Object", "Select-String", "Set-Location", "Set-StrictMode",
            "Set-Variable", "Sort-Object",
        "Split-Path", "Tee-Object", "Test-Path", "Where-Object", "Write-Debug", "Write-Error", "Write-Host", "Write-Information",
            "Write-Output",
        "Write-Progress", "Write-Verbose", "Write-Warning", "New-AsyncQueue", "New-Throttle", "Start-Throttled", "Complete-AsyncQueue",
        "%", "?", "foreach", "where", "select", "sort", "group", "measure", "echo", "write", "compare", "gm", "gv", "sv", "cd", "sl", "gl",
    };

    /// <summary>Whether a command suspends the calling block when it has to wait.</summary>
    public static bool Suspends(string command) => SuspendingCommands.Contains(OwnCmdlets.NameOf(command));

    /// <summary>Whether a command has its blocks run in other workers, and waits for them.</summary>
    public static bool RunsInWorkers(string command) => RunningInWorkers.Contains(OwnCmdlets.NameOf(command));

    /// <summary>Whether a command waits without being an await. The name of a module before the name changes nothing.</summary>
    public static bool Waits(string command) => WaitingCommands.Contains(OwnCmdlets.NameOf(CommandNames.WithoutModule(command)));

    /// <summary>Whether a command runs its blocks elsewhere.</summary>
    public static bool Starts(string command) => Starting.Contains(OwnCmdlets.NameOf(command));

    /// <summary>Whether a command is known to return at once.</summary>
    public static bool IsQuick(string command) => Quick.Contains(OwnCmdlets.NameOf(command));

    /// <summary>Whether a method or property waits, or takes a lock that belongs to its thread.</summary>
    public static bool MemberWaits(string member) => WaitingMember().IsMatch(member);

    /// <summary>Whether a method may be slow, such as one that reads or sends.</summary>
    public static bool MemberIsSlow(string member) => SlowMember().IsMatch(member);

    [GeneratedRegex(
        @"^(Wait(?!Async$|.*Async$).*|(Try)?Enter.*|(Try)?Acquire(?!.*Async$).*|Join|(Try)?Take|Result|GetResult|Invoke"
            + @"|InvokeReturnAsIs|SpinUntil|SignalAndWait|GetConsumingEnumerable|Accept(?!.*Async$).*"
            + @"|Receive(?!.*Async$).*|GetContext|EndInvoke|RunSynchronously)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WaitingMember();

    [GeneratedRegex(
        "^(Open|Close|Connect|Execute|Send|Read|Write|Get|Post|Download|Upload|Copy|Move|Delete|Flush|Query|Sleep|Start|Fill|Load"
            + "|Save|Update|Enumerate)(?!.*Async$|Type$|HashCode$|Enumerator$|Value)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SlowMember();
}
