using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using AsyncPs.Remote.Closures;

namespace AsyncPs.Remote.Far;

/// <summary>Recreates values and code of the caller in the process that runs the items.</summary>
/// <param name="command">The command that sets up the session.</param>
/// <param name="moduleOf">Returns a module by its index.</param>
internal sealed class TravelReader(PSCmdlet command, Func<int, PSModuleInfo> moduleOf)
{
    /// <summary>Reads a value.</summary>
    public object? Value(object? written)
    {
        if (PSObjectExtensions.Unwrap(written) is not Hashtable table || !table.ContainsKey(TravelKeys.Kind))
        {
            return written;
        }

        object? value = table[TravelKeys.Value];
        return (TravelKind)LanguagePrimitives.ConvertTo<int>(table[TravelKeys.Kind]) switch
        {
            TravelKind.Block => Block(value),
            TravelKind.Function => command.InvokeCommand.GetCommand(Text(value), CommandTypes.Function | CommandTypes.Filter),
            TravelKind.Array => List(value, Text(table[TravelKeys.Type])),
            TravelKind.Ordered => Ordered(Elements(table[TravelKeys.Keys]), Elements(value)),
            TravelKind.Table => Table((Hashtable)PSObjectExtensions.Unwrap(value)!),
            TravelKind.Cast => Cast(value, TypeOf(table[TravelKeys.Type])),
            TravelKind.Type => TypeOf(value) ?? value,
            _ => written,
        };
    }

    /// <summary>Reads a block; null if there is none.</summary>
    [return: NotNullIfNotNull(nameof(written))]
    public ScriptBlock? Block(object? written)
    {
        if (PSObjectExtensions.Unwrap(written) is not IDictionary table)
        {
            return null;
        }

        ScriptBlock block = CodeText.Read(table);
        return table[TravelKeys.Home] is { } home ? moduleOf(LanguagePrimitives.ConvertTo<int>(home)).NewBoundScriptBlock(block) : block;
    }

    /// <summary>The elements of a list of any type.</summary>
    public static object?[] Elements(object? written)
        => PSObjectExtensions.Unwrap(written) is ICollection list ? [.. list.Cast<object?>()] : [];

    /// <summary>A string, or null.</summary>
    public static string? Text(object? written) => PSObjectExtensions.Unwrap(written)?.ToString();

    private object List(object? written, string? type)
    {
        object?[] elements = Array.ConvertAll(Elements(written), Value);
        return type is not null && TypeOf(type) is { } array
            && LanguagePrimitives.TryConvertTo(elements, array, out object typed) ? typed : elements;
    }

    private OrderedDictionary Ordered(object?[] keys, object?[] values)
    {
        OrderedDictionary table = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < keys.Length; i++)
        {
            table[PSObjectExtensions.Unwrap(keys[i])!] = Value(values[i]);
        }

        return table;
    }

    private Hashtable Table(Hashtable written)
    {
        Hashtable table = new(written.Count, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in written)
        {
            table[entry.Key] = Value(entry.Value);
        }

        return table;
    }

    private static object? Cast(object? written, Type? type)
        => type is not null
            && LanguagePrimitives.TryConvertTo(Text(written), type, CultureInfo.InvariantCulture, out object value) ? value : written;

    // The assembly may have another version there, or be another one.
    private static Type? TypeOf(object? written)
        => Text(written) is not { } name ? null
            : Type.GetType(name, throwOnError: false) ?? (LanguagePrimitives.TryConvertTo(name.Split(',')[0], out Type type) ? type : null);
}
