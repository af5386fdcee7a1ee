using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency.Coroutines;
using AsyncPs.Tests.Support;

namespace AsyncPs.Tests.Coroutines;

/// <summary>Runs blocks, as coroutines or not, and describes their records in order.</summary>
public sealed class BlockRun : IDisposable
{
    /// <summary>Stands in a block for the class of its tasks.</summary>
    private const string Short = "[Later]";

    private readonly Runspace _runspace;

    public BlockRun()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([BuiltModule.Manifest]);
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
    }

    /// <summary>The description of a block that is not a coroutine.</summary>
    public string? Obstacle { get; private set; }

    public void Dispose() => _runspace.Dispose();

    /// <summary>Runs a block for one item, and describes every record of every stream.</summary>
    public async Task<string[]> RunAsync(string block, bool cut)
        => await InvokeAsync($"'item' | Invoke-Concurrent -Verbose *>&1 {{{block}\n}}", cut);

    /// <summary>
    /// Runs blocks side by side, each for a number of items, and describes the output and the errors of each item.
    /// </summary>
    public async Task<string[][]> RunSideBySideAsync(IReadOnlyList<string> blocks, int times, bool cut)
    {
        string all = string.Join("\n, ", blocks.Select(static block => $"{{{block}\n}}"));
        string[] results = await InvokeAsync(
            $$"""
            $blocks = @(
            {{all}} )
            Invoke-Concurrent -Ordered -AsResult -ThrottleLimit 5000 -ScriptBlock ($blocks * {{times}}) |
                ForEach-Object { , ($_.Output) + $_.Errors; '' }
            """,
            cut);
        return [.. Split(results)];
    }

    public static string Describe(object? record) => record switch
    {
        null => "(null)",
        PSObject { BaseObject: ErrorRecord error } => Describe(error),
        PSObject { BaseObject: VerboseRecord or WarningRecord or InformationRecord or DebugRecord } other
            => $"{other.BaseObject.GetType().Name}: {other}",
        PSObject value => $"{value} ({value.BaseObject.GetType().Name})",
        _ => $"{record} ({record.GetType().Name})",
    };

    private static IEnumerable<string[]> Split(string[] results)
    {
        List<string> one = [];
        foreach (string result in results)
        {
            if (result == " (String)")
            {
                yield return [.. one];
                one.Clear();
            }
            else
            {
                one.Add(result);
            }
        }
    }

    private static string? PositionOf(ErrorRecord error)
    {
        try
        {
            return error.InvocationInfo?.PositionMessage;
        }
        catch (NullReferenceException)
        {
            // The error of Write-Error in a block has no position, which looks like this.
            return null;
        }
    }

    private static string Describe(ErrorRecord error)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"ERROR {error.FullyQualifiedErrorId} | {error.Exception.GetType().Name}: {error.Exception.Message} | {error.CategoryInfo} | "
                + $"{PositionOf(error)} | {error.ScriptStackTrace}");

    private async Task<string[]> InvokeAsync(string script, bool cut)
    {
        string? before = Environment.GetEnvironmentVariable(CoroutinePlan.Switch);
        Environment.SetEnvironmentVariable(CoroutinePlan.Switch, cut ? null : "off");
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = _runspace;
        shell.AddScript(script.Replace(Short, $"[{typeof(Later).FullName}]", StringComparison.Ordinal), useLocalScope: true);
        List<string> described = [];
        try
        {
            PSDataCollection<PSObject> records = await shell.InvokeAsync().WaitAsync(Condition.Deadline);
            described.AddRange(records.Select(Describe));
        }
        catch (RuntimeException e)
        {
            described.Add("THROWN " + Describe(e.ErrorRecord));
        }
        finally
        {
            Environment.SetEnvironmentVariable(CoroutinePlan.Switch, before);
        }

        described.AddRange(shell.Streams.Error.Select(Describe));
        Obstacle = described.Find(static line => line.Contains("since it cannot suspend", StringComparison.Ordinal));
        described.RemoveAll(static line => line.Contains("since it cannot suspend", StringComparison.Ordinal));
        return [.. described];
    }
}
