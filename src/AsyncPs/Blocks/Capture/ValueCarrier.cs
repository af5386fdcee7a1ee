using System.Collections;
using System.Collections.Specialized;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Prepares values for the workers. They are the caller's own objects, except script blocks and functions, which would run in the
/// caller's session and are replaced by counterparts. Workers see a hashtable (ordered or not) or an array with script blocks through a
/// view, so that it stays the caller's own. Other containers cannot have a view, which <see cref="StrayBlocks"/> reports.
/// </summary>
/// <param name="carryBlock">Creates the twin of a block.</param>
/// <param name="carryFunction">Creates the twin of a function.</param>
internal sealed class ValueCarrier(Func<ScriptBlock, CapturedValue> carryBlock, Func<FunctionInfo, CapturedValue> carryFunction)
{
    // A table of handlers is small and flat. Data is neither, and is not searched to its end.
    private const int MaxCount = 256;
    private const int MaxDepth = 4;

    /// <summary>Objects of script classes among the values, one per class.</summary>
    public Dictionary<Type, object> ClassObjects { get; } = [];

    /// <summary>Describes which values contain script blocks that remain the caller's.</summary>
    public HashSet<string> Holders { get; } = [];

    /// <summary>Prepares a value.</summary>
    /// <param name="name">What the caller calls it, as in `$list` or `$using:list`.</param>
    /// <param name="value">The value.</param>
    public CapturedValue Carry(string name, object? value)
    {
        if (TryCarry(value, MaxDepth) is { } carried)
        {
            return carried.From(value);
        }

        if (StrayBlocks.HolderIn(name, value, hasViews: true) is { } holder)
        {
            Holders.Add(holder);
        }

        return new CapturedValue(value);
    }

    // Null when the value can be passed as it is.
    private CapturedValue? TryCarry(object? value, int depth)
    {
        object? plain = PSObjectExtensions.Unwrap(value);
        if (plain is not null and not string && ScriptClasses.Contain(plain.GetType()))
        {
            ClassObjects.TryAdd(plain.GetType(), plain);
        }

        return TryCarryPlain(plain, depth);
    }

    private CapturedValue? TryCarryPlain(object? value, int depth) => value switch
    {
        ScriptBlock block => carryBlock(block),
        FunctionInfo function => carryFunction(function),
        Hashtable or OrderedDictionary when depth > 0 => CarryTable((IDictionary)value, depth),
        Array { Rank: 1 } array when depth > 0 && MayHoldBlocks(array.GetType().GetElementType()!) => CarryArray(array, depth),
        _ => null,
    };

    private CapturedValue? CarryTable(IDictionary table, int depth)
        => table.Count <= MaxCount && TwinsOf(ValuesOf(table), depth) is { } twins
            ? new CapturedValue(scopes => new TableView(table, twins(scopes)))
            : null;

    private CapturedValue? CarryArray(Array array, int depth)
        => array.Length <= MaxCount && TwinsOf(array, depth) is { } twins
            ? new CapturedValue(scopes => new ArrayView(array, twins(scopes)))
            : null;

    // Gives the value that a worker reads in place of the caller's. Null if all values can be passed unchanged.
    private Func<WorkerScopes, Func<object?, object?>>? TwinsOf(IEnumerable values, int depth)
    {
        Dictionary<object, CapturedValue>? twins = null;
        foreach (object? value in values)
        {
            if (value is not null && TryCarry(value, depth - 1) is { } carried)
            {
                (twins ??= new(ReferenceEqualityComparer.Instance))[value] = carried;
            }
        }

        // A block that has come into it since belongs to another worker, or to the caller.
        return twins is null ? null : scopes => value
            => value is null ? null
                : twins.TryGetValue(value, out CapturedValue twin) ? twin.In(scopes)
                : PSObjectExtensions.Unwrap(value) is ScriptBlock block ? UnboundBlocks.Get(block)
                : value;
    }

    private static bool MayHoldBlocks(Type type) => !type.IsValueType && type != typeof(string);

    // Others may write to it meanwhile.
    private static object?[] ValuesOf(IDictionary table)
    {
        while (true)
        {
            try
            {
                lock (table.SyncRoot)
                {
                    return [.. table.Values.Cast<object?>()];
                }
            }
            catch (InvalidOperationException)
            {
                // The other thread does not lock the table.
            }
        }
    }
}
