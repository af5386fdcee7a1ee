using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// Tests whether this engine compiles blocks in the expected way: a few blocks run once unchanged and once split at their awaits, and
/// must write the same. If they do not, no block is split. Runs once per process, before the first block is split, in a separate session
/// in which all names have their usual meaning.
/// </summary>
internal static partial class CoroutineSelfTest
{
    private const string RunName = "Test-Coroutine";
    private const string AwaitName = "Wait-Async";

    // Each gets three tasks: the first and the last succeed, the second fails.
    private static readonly string[] Blocks =
    [
        """
        param($tasks)
        [int]$sum = 0
        foreach ($task in $tasks) {
            try { $sum += Wait-Async $task; "got $sum" }
            catch [IO.IOException] { "caught $($_.Exception.Message) $(Wait-Async $tasks[0])"; $sum = '5'; continue }
            finally { "end $_ $($task -eq $foreach.Current)" }
        }
        "$sum $?"
        """,
        """
        param($tasks)
        $null = 'b7' -match '\d'
        $kept = @{ value = Wait-Async $tasks[0]; text = "$(Wait-Async $tasks[0]) $($Matches[0])" }
        Wait-Async $tasks[1]
        Wait-Async $tasks[2]
        "$? $($kept.value) $($kept.text)"
        switch (Wait-Async $tasks[2]) { 3 { Wait-Async $tasks[0]; break } default { 'no' } }
        try { return 'out' } finally { Wait-Async $tasks[2] }
        """,
        """
        param($tasks)
        trap { "trapped $_"; continue }
        $i = 0
        while ((Wait-Async $tasks[0]) -and $i++ -lt 2) { if ($i -eq 2) { throw "at $i" }; Wait-Async $tasks[2] }
        'last'
        """,
        """
        param($tasks)
        try { Wait-Async $tasks[0]; & { [int]'x'; 'not here' } } catch { 'caught' }
        Wait-Async $tasks[2]
        & { [int]'x'; 'goes on' }
        """,
    ];

    private static readonly Lazy<bool> LazyPassed = new(static ()
        => CoroutineCommands.AreKnown && EngineInternals.Coroutines is { } access && Passes(access));

    /// <summary>Whether blocks can be cut. Waits for the test, if it has not been done.</summary>
    public static bool HasPassed => LazyPassed.Value;

    /// <summary>Runs the test in the background, because its result will be needed.</summary>
    public static void Begin()
    {
        if (!LazyPassed.IsValueCreated)
        {
            Guarded.Queue(Force);
        }
    }

    /// <summary>Runs the test. Never throws.</summary>
    /// <param name="access">The engine.</param>
    public static bool Passes(EngineInternals.CoroutineAccess access)
    {
        // Not on this thread: it may be one that is interrupted.
        var passes = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Guarded.Start("AsyncPs self-test", () => passes.SetResult(Run(access)), failed: _ => passes.SetResult(false));
        Uninterrupted.Wait(passes.Task);
        return passes.Task.Result;
    }

    private static void Force() => _ = LazyPassed.Value;

    private static bool Run(EngineInternals.CoroutineAccess access)
    {
        InitialSessionState state = InitialSessionState.Create();
        state.LanguageMode = PSLanguageMode.FullLanguage;
        state.ThreadOptions = PSThreadOptions.UseCurrentThread;
        state.Commands.Add(new SessionStateCmdletEntry(RunName, typeof(RunCommand), helpFileName: null));
        state.Commands.Add(new SessionStateCmdletEntry(AwaitName, typeof(AwaitCommand), helpFileName: null));
        using Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        return Array.TrueForAll(Blocks, text =>
        {
            ScriptBlock block = ((ScriptBlockAst)ScriptBlock.Create(text).Ast).GetScriptBlock();
            string[] expected = Run(runspace, access: null, block, out _);
            string[] actual = Run(runspace, access, block, out int suspensions);
            return expected.Length > 0 && suspensions > 0 && expected.SequenceEqual(actual);
        });
    }

    private static string[] Run(Runspace runspace, EngineInternals.CoroutineAccess? access, ScriptBlock block, out int suspensions)
    {
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = runspace;
        var run = new CoroutineRun(access, block);
        shell.AddScript($"{RunName} $args[0]").AddArgument(run);
        List<string> written = [.. shell.Invoke().Select(static o => $"{o} {o?.BaseObject.GetType().Name}")];
        written.AddRange(shell.Streams.Error.Select(static error
            => $"{error.FullyQualifiedErrorId} {error.Exception.GetType().Name} {error} {error.InvocationInfo?.PositionMessage}"));
        suspensions = run.Suspensions;
        return [.. written];
    }
}
