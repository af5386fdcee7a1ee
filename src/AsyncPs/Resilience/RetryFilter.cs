using System.Reflection;

namespace AsyncPs.Resilience;

/// <summary>Decides which errors are retried: errors of some exception types, errors that a script block accepts, or any.</summary>
internal sealed class RetryFilter
{
    private readonly List<Type> _types = [];
    private readonly List<string> _names = [];

    private RetryFilter()
    {
    }

    /// <summary>Every error.</summary>
    public static RetryFilter Any { get; } = new();

    /// <summary>
    /// The block that decides, with the error record as `$_`; null if there is none. It is not asked about errors of the types.
    /// </summary>
    public ScriptBlock? Block { get; private init; }

    /// <summary>
    /// Parses the value of a parameter. On the pipeline thread, so that names of the session's own classes are found.
    /// </summary>
    /// <param name="values">Exception types, their names (full or short, in any letter case), one script block, or a mixture; null or empty
    /// means any error.</param>
    /// <param name="parameter">The parameter's name.</param>
    /// <exception cref="ConcurrentArgumentException">A name matches no type, a type is not an exception, or there are two
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

    /// <summary>Whether an error is of one of the types. If not, the caller asks the block, if there is one.</summary>
    public bool Matches(ErrorRecord error)
        => this == Any || ErrorCauses.Of(error).Any(Matches);

    private bool Matches(Exception exception)
    {
        if (_types.Exists(type => type.IsInstanceOfType(exception)))
        {
            return true;
        }

        // By name too, because the same type may have been loaded twice, into separate contexts.
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

    // Names are resolved as in scripts, but unlike in catch also by the short name alone.
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
