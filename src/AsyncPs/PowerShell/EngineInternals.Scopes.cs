using System.Reflection;

namespace AsyncPs;

/// <content>The scopes of a session state. The public API shows them only one name at a time.</content>
internal static partial class EngineInternals
{
    /// <summary>Reads and sets the content of a session state's scopes, or null.</summary>
    public static ScopeAccess? Scopes { get; } = ScopeAccess.Create();

    /// <summary>Access to the scopes of a session state. A scope is an object of the engine without a public type.</summary>
    public sealed class ScopeAccess
    {
        private readonly MethodInvoker _toInternal;
        private readonly MethodInvoker _current;
        private readonly MethodInvoker _setCurrent;
        private readonly MethodInvoker _module;
        private readonly MethodInvoker _global;
        private readonly MethodInvoker _parent;
        private readonly MethodInvoker _variables;
        private readonly MethodInvoker _drives;
        private readonly MethodInvoker _strictMode;
        private readonly MethodInvoker _setStrictMode;

        private ScopeAccess(PropertyInfo toInternal, Type state, Type scope)
        {
            _toInternal = Getter(toInternal);
            PropertyInfo current = state.GetProperty("CurrentScope", Members)!;
            _current = Getter(current);
            _setCurrent = MethodInvoker.Create(current.SetMethod!);
            _module = Getter(state.GetProperty("ModuleScope", Members));
            _global = Getter(state.GetProperty("GlobalScope", Members));
            _parent = Getter(scope.GetProperty("Parent", Members));
            _variables = Getter(Typed(scope.GetProperty("Variables", Members), typeof(IDictionary<string, PSVariable>)));
            _drives = Getter(Typed(scope.GetProperty("Drives", Members), typeof(IEnumerable<PSDriveInfo>)));
            PropertyInfo strictMode = Typed(scope.GetProperty("StrictModeVersion", Members), typeof(Version));
            _strictMode = Getter(strictMode);
            _setStrictMode = MethodInvoker.Create(strictMode.SetMethod!);
        }

        /// <summary>Creates the access; null if this version of the engine differs.</summary>
        public static ScopeAccess? Create()
        {
            try
            {
                PropertyInfo? state = typeof(SessionState).GetProperty("Internal", Members);
                Type? scope = state?.PropertyType.GetProperty("CurrentScope", Members)?.PropertyType;
                return scope is null ? null : new ScopeAccess(state!, state!.PropertyType, scope);
            }
            catch (Exception e) when (e is ArgumentNullException or NullReferenceException or InvalidCastException)
            {
                return null;
            }
        }

        /// <summary>The scope that code in a session runs in.</summary>
        public object Current(SessionState session) => _current.Invoke(_toInternal.Invoke(session))!;

        /// <summary>Makes code in a session run in another of its scopes.</summary>
        public void SetCurrent(SessionState session, object scope) => _setCurrent.Invoke(_toInternal.Invoke(session), scope);

        /// <summary>The outermost scope of a session's own: a module's, or the global one.</summary>
        public object Module(SessionState session) => _module.Invoke(_toInternal.Invoke(session))!;

        /// <summary>The global scope.</summary>
        public object Global(SessionState session) => _global.Invoke(_toInternal.Invoke(session))!;

        /// <summary>The scope around a scope, or null.</summary>
        public object? Parent(object scope) => _parent.Invoke(scope);

        /// <summary>The variables of a scope, by name, without those that compiled code keeps to itself.</summary>
        public IDictionary<string, PSVariable> Variables(object scope) => (IDictionary<string, PSVariable>)_variables.Invoke(scope)!;

        /// <summary>The drives of a scope.</summary>
        public IEnumerable<PSDriveInfo> Drives(object scope) => (IEnumerable<PSDriveInfo>)_drives.Invoke(scope)!;

        /// <summary>The strict mode of the code that runs in a session now; null for none.</summary>
        public Version? StrictMode(SessionState session)
        {
            object module = Module(session);
            for (object? scope = Current(session); scope is not null; scope = scope == module ? null : Parent(scope))
            {
                if (_strictMode.Invoke(scope) is Version version)
                {
                    return version;
                }
            }

            return null;
        }

        /// <summary>Does what Set-StrictMode does in the current scope of a session.</summary>
        public void SetStrictMode(SessionState session, Version version) => _setStrictMode.Invoke(Current(session), version);

        private static MethodInvoker Getter(PropertyInfo? property) => MethodInvoker.Create(property!.GetMethod!);

        private static PropertyInfo Typed(PropertyInfo? property, Type type)
            => type.IsAssignableFrom(property!.PropertyType) ? property : throw new InvalidCastException();
    }
}
