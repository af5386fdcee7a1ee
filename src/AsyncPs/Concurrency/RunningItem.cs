using System.Management.Automation.Runspaces;

namespace AsyncPs.Concurrency;

/// <summary>An item that is in flight, as it is found by somebody who looks.</summary>
/// <param name="Item">The item.</param>
/// <param name="Since">Since when it runs, or waits, in milliseconds of <see cref="Environment.TickCount64"/>; 0 if that is not
/// known.</param>
/// <param name="Session">The session of the worker that runs it, or null if none does.</param>
internal readonly record struct RunningItem(WorkItem Item, long Since = 0, Runspace? Session = null);
