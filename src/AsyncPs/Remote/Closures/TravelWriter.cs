using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Numerics;
using AsyncPs.Blocks.Capture;

namespace AsyncPs.Remote.Closures;

/// <summary>Writes values and code for another process, or throws if something cannot be sent.</summary>
internal sealed class TravelWriter
{
    // A table of handlers is small and flat. Data is neither, and is not searched to its end.
    private const int MaxCount = 256;
    private const int MaxDepth = 4;

    private readonly List<Hashtable> _homes = [];
    private readonly Dictionary<CapturedModule, int> _knownHomes = [];
    private readonly Func<ScriptBlock, CapturedModule?> _homeOf;

    /// <summary>Creates the writer.</summary>
    /// <param name="homeOf">The module that a block of the caller belongs to, or null.</param>
    public TravelWriter(Func<ScriptBlock, CapturedModule?> homeOf) => _homeOf = homeOf;

    /// <summary>The modules to which the written code belongs.</summary>
    public IReadOnlyList<Hashtable> Homes => _homes;

    /// <summary>Writes a value.</summary>
    /// <param name="name">Its name in messages, such as `$x`.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ConcurrentArgumentException">It cannot be sent to another process.</exception>
    public object? Value(string name, object? value) => Value(name, value, MaxDepth);

    /// <summary>Writes the values of a table, by name.</summary>
    /// <param name="variables">The names and values.</param>
    public Hashtable Table(IEnumerable<(string Name, object? Value)> variables)
    {
        Hashtable table = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in variables)
        {
            table[name] = Value("$" + name, value);
        }

        return table;
    }

    /// <summary>Writes a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="home">The module that it is bound to there, or null.</param>
    public Hashtable Block(ScriptBlock block, CapturedModule? home = null)
    {
        Hashtable written = CodeText.Write(block);
        if (home is not null)
        {
            written[TravelKeys.Home] = HomeIndex(home);
        }

        return written;
    }

    /// <summary>Writes functions, except those that come with their module under the same name.</summary>
    public object[] Functions(IEnumerable<(string Name, ScriptBlock Block, CapturedModule? Home)> functions)
        => [.. functions.Select(f => new Hashtable { [TravelKeys.Name] = f.Name, [TravelKeys.Block] = Block(f.Block, f.Home) })];

    /// <summary>Writes how to import a module.</summary>
    public static Hashtable Import(ModuleImport import) => new()
    {
        [TravelKeys.Name] = import.Name,
        [TravelKeys.Path] = import.Path,
        [TravelKeys.Changed] = File.GetLastWriteTimeUtc(import.Path),
    };

    /// <summary>Writes a module that code belongs to.</summary>
    public int HomeIndex(CapturedModule home)
    {
        if (_knownHomes.TryGetValue(home, out int known))
        {
            return known;
        }

        // Registered before it is written, because its values may refer to it.
        Hashtable written = new();
        int index = _homes.Count;
        _knownHomes.Add(home, index);
        _homes.Add(written);
        if (home is FileModule file)
        {
            written[TravelKeys.Import] = Import(file.Import);
            written[TravelKeys.NestedPath] = file.NestedPath;

            // Large or unsendable values come from the import of the module there.
            written[TravelKeys.Variables] = Table(file.Values.Where(static variable => TravelRules.IsSmall(variable.Value)));
        }
        else if (home is DynamicModule memory)
        {
            written[TravelKeys.Variables] = Table(memory.Scope.Variables);
            written[TravelKeys.Functions] = Functions(memory.Scope.Functions);
            written[TravelKeys.Aliases] = Aliases(memory.Scope.Aliases);
        }

        return index;
    }

    /// <summary>Writes aliases.</summary>
    public static Hashtable Aliases(IEnumerable<(string Name, string Definition)> aliases)
    {
        Hashtable table = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string definition) in aliases)
        {
            table[name] = definition;
        }

        return table;
    }

    private object? Value(string name, object? value, int depth)
    {
        object? bare = PSObjectExtensions.Unwrap(value);
        if (TravelRules.Refusal(bare) is { } reason)
        {
            throw RemoteErrors.ValueCannotTravel(name, bare!.GetType(), reason);
        }

        return bare switch
        {
            null => null,
            ScriptBlock block => Made(TravelKind.Block, Block(block, _homeOf(block))),
            FunctionInfo function => Made(TravelKind.Function, function.Name),
            Type type => Made(TravelKind.Type, type.AssemblyQualifiedName),
            Enum or BigInteger => Cast(bare),
            CultureInfo culture => Cast(culture, culture.Name),
            OrderedDictionary table => Ordered(name, table, depth),
            Hashtable { Count: <= MaxCount } table when depth > 0 => Table(name, table, value, depth),
            Array { Rank: 1 } list and not byte[] => List(name, list, depth),
            _ => value,
        };
    }

    private Hashtable Ordered(string name, OrderedDictionary table, int depth)
    {
        Hashtable written = Made(TravelKind.Ordered, table.Values.Cast<object?>().Select(value => Value(name, value, depth - 1)).ToArray());
        written[TravelKeys.Keys] = table.Keys.Cast<object>().ToArray();
        return written;
    }

    private object? Table(string name, Hashtable table, object? wrapped, int depth)
    {
        bool changed = false;
        Hashtable twin = new(table.Count, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in (Hashtable)table.Clone())
        {
            object? value = Value(name, entry.Value, depth - 1);
            changed |= !ReferenceEquals(value, entry.Value);
            twin[entry.Key] = value;
        }

        return changed ? Made(TravelKind.Table, twin) : wrapped;
    }

    // The elements of a long list are not checked one by one, and are sent anyway.
    private Hashtable List(string name, Array list, int depth)
    {
        object?[] elements = new object?[list.Length];
        for (int i = 0; i < elements.Length; i++)
        {
            object? element = list.GetValue(i);
            elements[i] = depth > 0 && elements.Length <= MaxCount ? Value(name, element, depth - 1) : element;
        }

        Hashtable written = Made(TravelKind.Array, elements);
        if (list.GetType() != typeof(object[]))
        {
            written[TravelKeys.Type] = list.GetType().AssemblyQualifiedName;
        }

        return written;
    }

    private static Hashtable Cast(object value, string? text = null)
    {
        Hashtable written = Made(TravelKind.Cast, text ?? LanguagePrimitives.ConvertTo<string>(value));
        written[TravelKeys.Type] = value.GetType().AssemblyQualifiedName;
        return written;
    }

    private static Hashtable Made(TravelKind kind, object? value) => new() { [TravelKeys.Kind] = (int)kind, [TravelKeys.Value] = value };
}
