using System.Management.Automation.Language;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency;

/// <summary>A suspended block of an item, which resumes in the worker that started it. It is disposed if it never resumes.</summary>
internal interface IPausedBlock : IDisposable
{
    /// <summary>The statement at which the block waits. Any thread.</summary>
    IScriptExtent? Place { get; }

    /// <summary>Whether clean-up of the block runs when it is ended.</summary>
    bool HasCleanUp { get; }

    /// <summary>What the block waits for; null if it can resume, or has noted that itself. Any thread.</summary>
    WaitNote? Waits { get; }

    /// <summary>Registers a callback for when the block can resume. It runs on any thread, possibly several times or too early.</summary>
    void WhenReady(Action wake);

    /// <summary>Whether the block ends instead when it resumes.</summary>
    bool IsStopped { get; }

    /// <summary>Makes the block end as a stopped one when it resumes. Any thread.</summary>
    void Stop();
}
