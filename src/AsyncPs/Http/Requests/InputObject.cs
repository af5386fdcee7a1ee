using System.Collections;
using AsyncPs.Blocks;

namespace AsyncPs.Http.Requests;

/// <summary>
/// A pipeline object that describes its request by the names of its properties, as a row of <c>Import-Csv</c> does.
/// </summary>
internal readonly struct InputObject
{
    private readonly object? _input;
    private readonly PSObject? _object;
    private readonly IDictionary? _dictionary;

    /// <summary>Wraps an input object, which may be null.</summary>
    public InputObject(object? input)
    {
        _input = input;
        object? value = PSObjectExtensions.UnwrapUnlessCustom(input);
        if (value is string or System.Uri)
        {
            Uri = value;
        }
        else if (value is IDictionary dictionary)
        {
            _dictionary = dictionary;
            Uri = Get(nameof(Uri));
        }
        else if (value is not null and not IConvertible)
        {
            _object = PSObject.AsPSObject(input);
            Uri = Get(nameof(Uri));
        }
    }

    /// <summary>The URI that it names, or null.</summary>
    public object? Uri { get; }

    /// <summary>The value of a property, or null. An empty text, as of an empty cell, counts as null.</summary>
    public object? Get(string name)
    {
        object? value = _dictionary is not null ? Find(_dictionary, name) : _object?.Properties[name]?.Value;
        return PSObjectExtensions.UnwrapUnlessCustom(value) is "" ? null : value;
    }

    /// <summary>The value of a parameter: the argument itself, or the result of its block for this object.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="arguments">The arguments of the block, if it is one.</param>
    public object? Evaluate(object? value, params object?[] arguments)
        => PSObjectExtensions.UnwrapUnlessCustom(value) is ScriptBlock block ? PipelineBlock.Ask(block, _input, arguments) : value;

    private static object? Find(IDictionary dictionary, string name)
    {
        foreach (DictionaryEntry entry in dictionary)
        {
            if (entry.Key is string key && key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return entry.Value;
            }
        }

        return null;
    }
}
