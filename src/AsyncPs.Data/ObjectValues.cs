using System.Collections;

namespace AsyncPs.Data;

/// <summary>Reads the values of pipeline objects for a database.</summary>
internal static class ObjectValues
{
    /// <summary>Gets the value of a key or property by name, in any letter case.</summary>
    public static bool TryGet(object input, string name, out object? value)
    {
        if (PSObjectExtensions.Unwrap(input) is IDictionary dictionary)
        {
            return TryGet(dictionary, name, out value);
        }

        PSPropertyInfo? property = input is PSObject own && EngineInternals.OwnMembers?.Invoke(own)?[name] is PSPropertyInfo quick
            ? quick
            : PSObject.AsPSObject(input).Properties[name];
        value = property?.Value;
        return property is not null;
    }

    /// <summary>The names of an object's keys or properties.</summary>
    public static IEnumerable<string> Names(object input) => PSObjectExtensions.Unwrap(input) is IDictionary dictionary
        ? dictionary.Keys.Cast<object>().Select(static key => key.ToString()!)
        : PSObject.AsPSObject(input).Properties.Where(static property => property.IsGettable).Select(static property => property.Name);

    private static bool TryGet(IDictionary dictionary, string name, out object? value)
    {
        if (dictionary.Contains(name))
        {
            value = dictionary[name];
            return true;
        }

        foreach (DictionaryEntry entry in dictionary)
        {
            if (entry.Key is string key && key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                value = entry.Value;
                return true;
            }
        }

        value = null;
        return false;
    }
}
