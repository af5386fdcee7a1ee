using System.Reflection;

namespace AsyncPs.Resilience;

/// <summary>Which errors are worth another attempt: those of some exception types, those that a script block says, or any.</summary>
internal sealed class RetryFilter
{
    private readonly List<Type> _types = [];
    private readonly List<string> _names = [];

    private RetryFilter()
    {
    }

    /// <summary>Every error.</summary>
    public static RetryFilter Any { get; } = new();

    /// <summary>The block to be asked, with the error record as `$_`; null if there is none. What matches a type needs no asking.</summary>
    public ScriptBlock? Block { get; private init; }

    /// <summary>
    /// Reads what was given for a parameter. On the pipeline thread, so that the session's own classes are known by name.
    /// </summary>
    /// <param name="values">Exception types, names of them (full or short, in any case), one script block, or a mixture; null or empty
    /// stands for any error.</param>
    /// <param name="parameter">The parameter's name.</param>
    /// <exception cref="ConcurrentArgumentException">A name is that of no type, a type is no exception, or there are two
    /// blocks.</exception>
    public static RetryFilter Parse(IReadOnlyCollection<object?>? values, string parameter)
    {
        if (values is null or { Count: 0 })
        {
            return Any;
        }

        object?[] given = [.. values.Select(PSObjectExtensions.Unwrap)];
        ScriptBlock[] blocks = [.. given.OfType<ScriptBlock>()];
        if (blocks.Length > 1)
        {
            throw ResilienceErrors.SeveralRetryFilters(parameter, blocks[1]);
        }

        var filter = new RetryFilter { Block = blocks.FirstOrDefault() };
        foreach (object? value in given.Where(static value => value is not ScriptBlock))
        {
            filter.Add(value, parameter);
        }

        return filter;
    }

    /// <summary>Whether an error is of one of the types. The block, if there is one, is for the caller to ask when this says no.</summary>
    public bool Matches(ErrorRecord error)
        => this == Any || ErrorCauses.Of(error).Any(Matches);

    private bool Matches(Exception exception)
    {
        if (_types.Exists(type => type.IsInstanceOfType(exception)))
        {
            return true;
        }

        // By name too: the same type may have been loaded twice, into contexts of their own.
        for (Type? type = exception.GetType(); _names.Count > 0 && type is not null; type = type.BaseType)
        {
            if (_names.Exists(name => Is(type, name)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(Type type, string name)
        => name.Equals(type.Name, StringComparison.OrdinalIgnoreCase) || name.Equals(type.FullName, StringComparison.OrdinalIgnoreCase);

    private void Add(object? value, string parameter)
    {
        string name = (value as string ?? "").Trim().TrimStart('[').TrimEnd(']');
        Type type = value as Type
            ?? (name.Length > 0 ? Find(name) : null)
            ?? throw ResilienceErrors.NotAnExceptionTypeName(parameter, value);
        if (!type.IsAssignableTo(typeof(Exception)))
        {
            throw ResilienceErrors.NotAnExceptionType(parameter, type);
        }

        _types.Add(type);
        if (name.Length > 0)
        {
            _names.Add(name);
        }
    }

    // As scripts name types, and by the short name alone as catch does not.
    private static Type? Find(string name)
        => LanguagePrimitives.TryConvertTo(name, out Type type) ? type
            : AppDomain.CurrentDomain.GetAssemblies().SelectMany(TypesOf)
                .FirstOrDefault(candidate => candidate.IsAssignableTo(typeof(Exception)) && Is(candidate, name));

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return [.. e.Types.OfType<Type>()];
        }
    }
}
