using System.Collections;

namespace AsyncPs.Data.Queries;

/// <summary>
/// Finds the values of a query's parameters: those of <c>-Parameter</c>, and those of each input object by the names of its properties or
/// keys. A plain value is the value of the one remaining parameter.
/// </summary>
internal sealed class QueryBinder
{
    private readonly QueryText _query;
    private readonly object?[] _fixed;
    private readonly List<int> _free = [];

    /// <summary>Reads the value of <c>-Parameter</c>. Pipeline thread only.</summary>
    /// <exception cref="ConcurrentArgumentException">A name is not a parameter of the query.</exception>
    public QueryBinder(QueryText query, IDictionary? parameters)
    {
        _query = query;
        _fixed = new object?[query.Names.Count];
        Dictionary<string, object?> given = Read(parameters);
        for (int i = 0; i < _fixed.Length; i++)
        {
            if (given.Remove(query.Names[i], out object? value))
            {
                _fixed[i] = PlainText.Unwrap(value);
            }
            else
            {
                _free.Add(i);
            }
        }

        if (given.Count > 0)
        {
            string known = query.Names.Count == 0 ? "It has none" : $"It has {string.Join(", ", query.Names.Select(static n => "@" + n))}";
            throw DataErrors.ArgumentInvalid(
                $"-Parameter has a value for @{given.Keys.First()}, but the query has no parameter of that name. {known}; "
                    + "parameters are written @name, outside of quotes.",
                "QueryParameterUnknown",
                given.Keys.First());
        }
    }

    /// <summary>The values for an execution without input, in the order of the query's names.</summary>
    /// <exception cref="DatabaseException">A value is missing.</exception>
    public object?[] Bind() => _free.Count == 0 ? _fixed : throw DataErrors.ParameterMissing(_query.Names[_free[0]], hasInput: false);

    /// <summary>
    /// The values for an input object, in the order of the query's names. Pipeline thread only: properties may be scripts.
    /// </summary>
    /// <exception cref="DatabaseException">A value is missing.</exception>
    public object?[] Bind(object? input)
    {
        if (_free.Count == 0)
        {
            return _fixed;
        }

        object?[] values = [.. _fixed];
        object? value = PlainText.Unwrap(input);
        if (IsPlain(value))
        {
            values[_free[0]] = _free.Count == 1 ? value : throw DataErrors.ValueForSeveral(_free.Select(i => _query.Names[i]));
            return values;
        }

        foreach (int i in _free)
        {
            values[i] = PlainText.Unwrap(ObjectValues.TryGet(input!, _query.Names[i], out object? found)
                ? found
                : throw DataErrors.ParameterMissing(_query.Names[i], hasInput: true));
        }

        return values;
    }

    private static bool IsPlain(object? value)
        => value is null or ValueType or string or Uri or Version or System.Net.IPAddress or (IList and not IDictionary);

    private static Dictionary<string, object?> Read(IDictionary? parameters)
    {
        Dictionary<string, object?> given = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in parameters ?? new Hashtable())
        {
            given[(entry.Key.ToString() ?? "").TrimStart('@')] = entry.Value;
        }

        return given;
    }
}
