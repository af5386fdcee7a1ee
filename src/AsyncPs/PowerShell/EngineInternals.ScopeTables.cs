using System.Linq.Expressions;
using System.Reflection;

namespace AsyncPs;

/// <content>The tables of variables and aliases that the engine makes for each scope that looks one up.</content>
internal static partial class EngineInternals
{
    private static readonly Lazy<ScopeTableAccess?> LazyScopeTables = new(ScopeTableAccess.Create);

    /// <summary>Reads and sets the tables of scopes, or null if this version of the engine differs. Looked up on first use.</summary>
    public static ScopeTableAccess? ScopeTables => LazyScopeTables.Value;

    /// <summary>Access to the tables of a scope, which are null until something is looked up. A scope is an object of the engine.</summary>
    public sealed class ScopeTableAccess
    {
        private ScopeTableAccess(CoroutineAccess coroutines)
        {
            Type? state = typeof(SessionState).GetProperty("Internal", Members)?.PropertyType;
            Type scope = state?.GetProperty("CurrentScope", Members)?.PropertyType
                ?? throw new MissingMemberException("CurrentScope");
            Coroutines = coroutines;
            (GetVariables, SetVariables) = Table<PSVariable>(scope, "_variables");
            (GetAliases, SetAliases) = Table<AliasInfo>(scope, "_alias");
            MakeVariables = Maker<PSVariable>(scope, "GetPrivateVariables");
            MakeAliases = Maker<AliasInfo>(scope, "GetAliases");
            VersionOfVariables = Version<PSVariable>();
            VersionOfAliases = Version<AliasInfo>();
        }

        /// <summary>The scopes and the code of blocks.</summary>
        public CoroutineAccess Coroutines { get; }

        /// <summary>Gets the variables of a scope; null if none was looked up.</summary>
        public Func<object, Dictionary<string, PSVariable>?> GetVariables { get; }

        /// <summary>Sets the variables of a scope.</summary>
        public Action<object, Dictionary<string, PSVariable>> SetVariables { get; }

        /// <summary>Gets the aliases of a scope; null if none was looked up.</summary>
        public Func<object, Dictionary<string, AliasInfo>?> GetAliases { get; }

        /// <summary>Sets the aliases of a scope.</summary>
        public Action<object, Dictionary<string, AliasInfo>> SetAliases { get; }

        /// <summary>Makes the variables of a scope within a scope.</summary>
        public Func<object, Dictionary<string, PSVariable>> MakeVariables { get; }

        /// <summary>Makes the aliases of a scope within a scope.</summary>
        public Func<object, Dictionary<string, AliasInfo>> MakeAliases { get; }

        /// <summary>A number that each addition to a table, and each replacement, changes.</summary>
        public Func<Dictionary<string, PSVariable>, int> VersionOfVariables { get; }

        /// <inheritdoc cref="VersionOfVariables"/>
        public Func<Dictionary<string, AliasInfo>, int> VersionOfAliases { get; }

        /// <summary>Creates the access; null if this version of the engine or of .NET differs.</summary>
        public static ScopeTableAccess? Create()
        {
            try
            {
                return EngineInternals.Coroutines is { } coroutines ? new ScopeTableAccess(coroutines) : null;
            }
            catch (Exception e) when (e is MissingMemberException or ArgumentException or InvalidOperationException)
            {
                return null;
            }
        }

        private static (Func<object, Dictionary<string, T>?> Get, Action<object, Dictionary<string, T>> Set) Table<T>(
            Type scope, string name)
        {
            FieldInfo field = scope.GetField(name, Members) ?? throw new MissingFieldException(scope.Name, name);
            ParameterExpression owner = Expression.Parameter(typeof(object));
            ParameterExpression value = Expression.Parameter(typeof(Dictionary<string, T>));
            Expression place = Expression.Field(Expression.Convert(owner, scope), field);
            return (
                Expression.Lambda<Func<object, Dictionary<string, T>?>>(place, owner).Compile(),
                Expression.Lambda<Action<object, Dictionary<string, T>>>(Expression.Assign(place, value), owner, value).Compile());
        }

        // The engine's own way: the first look-up in a new scope.
        private static Func<object, Dictionary<string, T>> Maker<T>(Type scope, string name)
        {
            ConstructorInfo create = scope.GetConstructor(Members, [scope]) ?? throw new MissingMethodException(scope.Name, ".ctor");
            MethodInfo make = scope.GetMethod(name, Members, []) ?? throw new MissingMethodException(scope.Name, name);
            ParameterExpression parent = Expression.Parameter(typeof(object));
            return Expression.Lambda<Func<object, Dictionary<string, T>>>(
                Expression.Call(Expression.New(create, Expression.Convert(parent, scope)), make), parent).Compile();
        }

        private static Func<Dictionary<string, T>, int> Version<T>()
        {
            Type table = typeof(Dictionary<string, T>);
            FieldInfo field = table.GetField("_version", Members) ?? throw new MissingFieldException(table.Name, "_version");
            ParameterExpression owner = Expression.Parameter(table);
            return Expression.Lambda<Func<Dictionary<string, T>, int>>(Expression.Field(owner, field), owner).Compile();
        }
    }
}
