using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Concurrency;

/// <summary>An item in flight, as inspection sees it.</summary>
/// <param name="Item">The item.</param>
/// <param name="Since">When it began to run or wait, in milliseconds of <see cref="Environment.TickCount64"/>; 0 if unknown.</param>
/// <param name="Session">The session of the worker that runs it, or null if none does.</param>
/// <param name="Place">The statement at which its block is suspended, or null if none is.</param>
internal readonly record struct RunningItem(WorkItem Item, long Since = 0, Runspace? Session = null, IScriptExtent? Place = null);
