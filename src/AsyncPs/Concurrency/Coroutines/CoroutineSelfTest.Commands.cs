using System.Management.Automation.Language;
using AsyncPs.Concurrency.Awaiting;

namespace AsyncPs.Concurrency.Coroutines;

/// <content>The commands of the self-test's session.</content>
internal static partial class CoroutineSelfTest
{
    /// <summary>A run of a block.</summary>
    /// <param name="access">The engine; null to run the block as it is.</param>
    /// <param name="block">The block.</param>
    private sealed class CoroutineRun(EngineInternals.CoroutineAccess? access, ScriptBlock block)
    {
        private const string Disturbance = "$sum = 'other'; $Matches = 1; $null = 'z' -match 'z'; $global:i = 9";

        /// <summary>How often it was suspended.</summary>
        public int Suspensions { get; private set; }

        /// <summary>Runs it in the pipeline of a command.</summary>
        public void Invoke(PSCmdlet command)
        {
            TaskCompletionSource<object?>[] tasks = [new(), new(), new()];
            object?[] arguments = [Array.ConvertAll(tasks, static one => one.Task)];
            void Begin() => EngineInternals.InvokeBlock!(block, command, "item", null, arguments);
            if (access is null)
            {
                Array.ForEach(tasks, one => End(tasks, one));
                Begin();
                return;
            }

            CoroutineProgram program = CoroutineProgram.Of(access, block, BlockSurvey.Of((ScriptBlockAst)block.Ast));
            if (program.Obstacle is not null)
            {
                return;
            }

            var coroutine = new Coroutine(access, program, new CoroutineCommands(command, mayChange: true), static () => true);
            coroutine.Start(Begin);
            while (coroutine.IsSuspended && Array.Find(tasks, static one => !one.Task.IsCompleted) is { } next)
            {
                Suspensions++;
                command.InvokeCommand.InvokeScript(Disturbance);
                End(tasks, next);
                coroutine.Resume();
            }
        }

        private static void End(TaskCompletionSource<object?>[] tasks, TaskCompletionSource<object?> task)
        {
            int number = Array.IndexOf(tasks, task) + 1;
            if (number == 2)
            {
                task.SetException(new IOException("failed"));
                task.Task.Forget();
            }
            else
            {
                task.SetResult(number);
            }
        }
    }

    [Cmdlet("Test", "Coroutine")]
    private sealed class RunCommand : PSCmdlet
    {
        [Parameter(Mandatory = true, Position = 0)]
        public CoroutineRun What { get; set; } = null!;

        protected override void EndProcessing() => What.Invoke(this);
    }

    [Cmdlet("Wait", "Async")]
    private sealed class AwaitCommand : PSCmdlet
    {
        [Parameter(Mandatory = true, Position = 0)]
        public Task Task { get; set; } = null!;

        protected override void ProcessRecord()
        {
            if (Task.Exception is { InnerException: { } failure })
            {
                ThrowTerminatingError(new ErrorRecord(failure, failure.GetType().Name, ErrorCategory.NotSpecified, Task));
            }

            foreach (object? result in TaskResults.Get(Task))
            {
                WriteObject(result);
            }
        }
    }
}
