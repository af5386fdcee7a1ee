using System.ComponentModel;
using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Waiting;

/// <summary>A process. Its result is the process, with its exit code.</summary>
/// <param name="process">The process.</param>
internal sealed class ProcessWork(Process process) : WaitedWork(process)
{
    /// <inheritdoc/>
    public override string Name => $"The process {process.Id}";

    /// <inheritdoc/>
    public override bool IsCompleted => process.HasExited;

    /// <inheritdoc/>
    public override ConcurrentStatus Status => IsCanceled ? ConcurrentStatus.Canceled : ConcurrentStatus.Succeeded;

    /// <inheritdoc/>
    public override bool CanCancel => true;

    /// <inheritdoc/>
    public override void Read(Action<StreamRecord> write) => write(Output(process));

    /// <inheritdoc/>
    protected override Task WhenEnded() => process.WaitForExitAsync(Leaving);

    /// <inheritdoc/>
    protected override void CancelCore()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has just exited, or may not be killed and continues.
        }
    }
}
