using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks;

/// <summary>
/// Tables of variables and aliases for the scopes of a worker's items. The engine fills new ones in each scope that looks a name up, from
/// all variables and aliases of the scope around it, which takes longer than a short block does. Items get the tables of the item before
/// them if nothing has changed.
/// </summary>
internal sealed class ScopeTables
{
    // Blocks of calls with few items are not changed.
    private const int ItemsAtFirst = 32;

    private static readonly ConditionalWeakTable<object, object> Prepared = [];

    [ThreadStatic]
    private static ScopeTables? _current;

    private readonly EngineInternals.ScopeTableAccess _access;
    private readonly ScopeTable<PSVariable> _variables;
    private readonly ScopeTable<AliasInfo> _aliases;
    private int _items;

    private ScopeTables(EngineInternals.ScopeTableAccess access)
    {
        _access = access;
        _variables = new ScopeTable<PSVariable>(
            access.GetVariables, access.SetVariables, access.MakeVariables, access.VersionOfVariables);
        _aliases = new ScopeTable<AliasInfo>(access.GetAliases, access.SetAliases, access.MakeAliases, access.VersionOfAliases);
    }

    /// <summary>The tables for the items that a worker runs for one call; null if this version of the engine differs.</summary>
    public static ScopeTables? Create() => EngineInternals.ScopeTables is { } access ? new ScopeTables(access) : null;

    /// <summary>The block of an item starts on this thread.</summary>
    public void Begin(ScriptInvoker invoker)
    {
        if (_items < ItemsAtFirst)
        {
            if (++_items == ItemsAtFirst)
            {
                Prepare(invoker.Block);
            }

            return;
        }

        _current = this;
    }

    /// <summary>The item has ended.</summary>
    /// <param name="keepsScope">Whether its scope lives on, because it is suspended.</param>
    public void End(bool keepsScope)
    {
        _current = null;
        _variables.End(keepsScope);
        _aliases.End(keepsScope);
    }

    // Called by compiled code before it runs. It never takes the code over.
    private static bool Give(object functionContext)
    {
        if (_current is { } tables)
        {
            // The first code is the item's block; what it calls has scopes of its own.
            _current = null;
            EngineInternals.CoroutineAccess engine = tables._access.Coroutines;
            if (engine.CurrentScope(engine.ContextOf(functionContext)!) is { } scope && engine.ParentOf(scope) is { } parent)
            {
                tables._variables.Give(scope, parent);
                tables._aliases.Give(scope, parent);
            }
        }

        return false;
    }

    private void Prepare(ScriptBlock block)
    {
        object code = _access.Coroutines.CodeOf(block);
        lock (code)
        {
            if (!Prepared.TryGetValue(code, out _) && _access.Coroutines.Intercept(code, Give))
            {
                Prepared.Add(code, code);
            }
        }
    }
}
