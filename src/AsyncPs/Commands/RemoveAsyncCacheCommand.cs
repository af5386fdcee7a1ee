using AsyncPs.Caching;
using AsyncPs.Commands.Parameters;

namespace AsyncPs.Commands;

/// <summary>Removes values from a cache. A value that is being computed still goes to its waiters, but is not kept.</summary>
[Cmdlet(VerbsCommon.Remove, "AsyncCache", DefaultParameterSetName = KeySet)]
[OutputType(typeof(void))]
public sealed class RemoveAsyncCacheCommand : PSCmdlet
{
    private const string KeySet = "Key";
    private const string AllSet = "All";

    /// <summary>The cache.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncCache>))]
    [ValidateNotNull]
    public AsyncCache Cache { get; set; } = null!;

    /// <summary>The key whose value is removed; an array is one key. Several keys can come from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = KeySet)]
    [ArgumentCompleter(typeof(CacheKeyCompleter))]
    public object Key { get; set; } = null!;

    /// <summary>Removes all values.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AllSet)]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (All)
        {
            Cache.Clear();
        }
        else
        {
            Cache.Remove(Key);
        }
    }
}
