using System.Collections;
using System.Collections.Specialized;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Prepares values for the workers. They are the caller's own objects, except for script blocks and functions, which would run in the
/// caller's session and are replaced by twins. A hashtable that contains some, ordered or not, is seen through a view, so it stays the
/// caller's own. An array that contains some is copied once per call, because there can be no view of an array.
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

    /// <summary>Prepares a value.</summary>
    public CapturedValue Carry(object? value) => TryCarry(value, MaxDepth)?.From(value) ?? new CapturedValue(value);

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
        Hashtable { Count: > 0 and <= MaxCount } table when depth > 0 => CarryTable(table, depth),
        OrderedDictionary { Count: > 0 and <= MaxCount } table when depth > 0 => CarryTable(table, depth),
        object[] { Length: > 0 and <= MaxCount } list when depth > 0 && list.GetType() == typeof(object[]) => CarryList(list, depth),
        ScriptBlock[] blocks => CarryList(blocks, depth),
        _ => null,
    };

    private CapturedValue? CarryTable(IDictionary table, int depth)
    {
        Dictionary<object, CapturedValue>? twins = null;
        foreach (object? value in ValuesOf(table))
        {
            if (value is not null && TryCarry(value, depth - 1) is { } carried)
            {
                (twins ??= new(ReferenceEqualityComparer.Instance))[value] = carried;
            }
        }

        // A block that was added later belongs to another worker or to the caller.
        return twins is null ? null : new CapturedValue(scopes => new TableView(table, value
            => value is null ? null
                : twins.TryGetValue(value, out CapturedValue twin) ? twin.In(scopes)
                : PSObjectExtensions.Unwrap(value) is ScriptBlock block ? UnboundBlocks.Get(block)
                : value));
    }

    // Other threads may write to the table meanwhile.
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

    private CapturedValue? CarryList(object?[] list, int depth)
    {
        List<(int Index, CapturedValue Value)>? changed = null;
        for (int i = 0; i < list.Length; i++)
        {
            if (TryCarry(list[i], depth - 1) is { } carried)
            {
                (changed ??= []).Add((i, carried));
            }
        }

        if (changed is null)
        {
            return null;
        }

        return Share(changed.Exists(static c => c.Value.IsPerWorker), scopes =>
        {
            var twin = (object?[])list.Clone();
            foreach ((int index, CapturedValue value) in changed)
            {
                twin[index] = value.In(scopes!);
            }

            return twin;
        });
    }

    private static CapturedValue Share(bool perWorker, Func<WorkerScopes?, object?> make)
        => perWorker ? new CapturedValue(scopes => make(scopes)) : new CapturedValue(make(null));
}
