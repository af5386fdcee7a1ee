using System.Runtime.CompilerServices;
using AsyncPs.Workers;

namespace AsyncPs.Blocks.State;

/// <summary>
/// Modules that blocks themselves imported in a worker, and whose import set global variables. The worker loses the variables when it is
/// reset between calls. The module is removed with them, so that the next block that imports it finds them again.
/// </summary>
internal sealed class BlockImports
{
    private const string RemoveScript = "Microsoft.PowerShell.Core\\Remove-Module -ModuleInfo $args[0] -Force -ErrorAction Ignore";

    private static readonly ConditionalWeakTable<Worker, BlockImports> Known = [];

    private readonly List<PSModuleInfo> _modules = [];

    /// <summary>The imports of a worker.</summary>
    public static BlockImports Of(Worker worker) => Known.GetOrCreateValue(worker);

    /// <summary>Adds modules of a block, which are removed with the call.</summary>
    public void Add(IEnumerable<PSModuleInfo> modules) => _modules.AddRange(modules);

    /// <summary>Removes the modules of the last call.</summary>
    /// <param name="command">The command of the worker's pipeline.</param>
    public void Remove(PSCmdlet command)
    {
        foreach (PSModuleInfo module in _modules)
        {
            command.InvokeCommand.InvokeScript(RemoveScript, module);
        }

        _modules.Clear();
    }
}
