using System.Collections;
using System.Collections.Specialized;

namespace AsyncPs.Concurrency.Scripts.Capture;

/// <summary>
/// Prepares values for the workers. They are the caller's own objects, but for script blocks and functions, which would run
/// in the caller's session: those get twins. A table or list that holds some is copied, once a call.
/// </summary>
/// <param name="carryBlock">Makes the twin of a block.</param>
/// <param name="carryFunction">Makes the twin of a function.</param>
internal sealed class ValueCarrier(Func<ScriptBlock, CarriedValue> carryBlock, Func<FunctionInfo, CarriedValue> carryFunction)
{
    // A table of handlers is small and flat; data is neither, and not searched to its end.
    private const int MaxCount = 256;
    private const int MaxDepth = 4;

    /// <summary>Prepares a value.</summary>
    public CarriedValue Carry(object? value) => TryCarry(value, MaxDepth) ?? new CarriedValue(value);

    // Null when the value can be handed over as it is.
    private CarriedValue? TryCarry(object? value, int depth) => Wrapping.Unwrap(value) switch
    {
        ScriptBlock block => carryBlock(block),
        FunctionInfo function => carryFunction(function),
        Hashtable { Count: > 0 and <= MaxCount } table when depth > 0
            => CarryTable(table, depth, static source => (IDictionary)((Hashtable)source).Clone()),
        OrderedDictionary { Count: > 0 and <= MaxCount } table when depth > 0
            => CarryTable(table, depth, static _ => new OrderedDictionary(StringComparer.OrdinalIgnoreCase)),
        object[] { Length: > 0 and <= MaxCount } list when depth > 0 && list.GetType() == typeof(object[]) => CarryList(list, depth),
        ScriptBlock[] blocks => CarryList(blocks, depth),
        _ => null,
    };

    private CarriedValue? CarryTable(IDictionary table, int depth, Func<IDictionary, IDictionary> copy)
    {
        List<(object Key, CarriedValue Value)>? changed = null;
        foreach (DictionaryEntry entry in table)
        {
            if (TryCarry(entry.Value, depth - 1) is { } carried)
            {
                (changed ??= []).Add((entry.Key, carried));
            }
        }

        if (changed is null)
        {
            return null;
        }

        return Share(changed.Exists(static c => c.Value.IsPerWorker), scopes =>
        {
            IDictionary twin = copy(table);
            foreach (DictionaryEntry entry in table)
            {
                twin[entry.Key] = entry.Value;
            }

            foreach ((object key, CarriedValue value) in changed)
            {
                twin[key] = value.In(scopes!);
            }

            return twin;
        });
    }

    private CarriedValue? CarryList(object?[] list, int depth)
    {
        List<(int Index, CarriedValue Value)>? changed = null;
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
            foreach ((int index, CarriedValue value) in changed)
            {
                twin[index] = value.In(scopes!);
            }

            return twin;
        });
    }

    private static CarriedValue Share(bool perWorker, Func<WorkerScopes?, object?> make)
        => perWorker ? new CarriedValue(scopes => make(scopes)) : new CarriedValue(make(null));
}
