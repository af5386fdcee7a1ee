using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs;

/// <content>The tables of a session's state, so that changes can be noticed without asking for each entry.</content>
internal static partial class EngineInternals
{
    private const string ValueField = "_value";
    private const string RemovedField = "_wasRemoved";
    private const string BlockField = "_scriptBlock";

    /// <summary>Finds the tables of a cmdlet's session, or is null itself.</summary>
    public static Func<PSCmdlet, SessionTables>? TablesOf { get; } = CreateTablesOf();

    /// <summary>The value of a variable, without the notifications of reading and setting it.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = ValueField)]
    public static extern ref object? ValueOf(PSVariable variable);

    /// <summary>Whether a variable was removed.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = RemovedField)]
    public static extern ref bool WasRemoved(PSVariable variable);

    /// <summary>The block of a function.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = BlockField)]
    public static extern ref ScriptBlock BlockOf(FunctionInfo function);

    private static Func<PSCmdlet, SessionTables>? CreateTablesOf()
    {
        Type? state = InternalOfState?.PropertyType;
        Type? scope = state?.GetProperty("GlobalScope", Members)?.PropertyType;
        Type? context = state?.GetProperty("ExecutionContext", Members)?.PropertyType;
        bool isAsExpected = HasField<object>(typeof(PSVariable), ValueField)
            && HasField<bool>(typeof(PSVariable), RemovedField)
            && HasField<ScriptBlock>(typeof(FunctionInfo), BlockField)
            && HasField<Dictionary<string, PSVariable>>(scope, "_variables")
            && HasField<Dictionary<string, FunctionInfo>>(scope, "_functions")
            && HasField<Dictionary<string, AliasInfo>>(scope, "_alias")
            && HasField<Dictionary<string, PSDriveInfo>>(scope, "_drives")
            && scope!.GetMethod("RemoveFunction", Members, [typeof(string), typeof(bool)]) is not null
            && scope.GetMethod("RemoveAlias", Members, [typeof(string), typeof(bool)]) is not null
            && state!.GetProperty("CurrentScope", Members) is not null
            && state.GetProperty("CurrentDrive", Members) is { CanWrite: true }
            && HasField<Dictionary<ProviderInfo, PSDriveInfo>>(state, "_providersCurrentWorkingDrive")
            && HasField<Dictionary<string, Stack<PathInfo>>>(state, "_workingLocationStack")
            && state.GetField("_setLocationHistory", Members)?.FieldType.GetConstructor(Members, [typeof(int)]) is not null
            && context!.GetProperty("QuestionMarkVariableValue", Members) is { CanWrite: true }
            && context.GetProperty("Modules", Members)?.PropertyType.GetProperty("ModuleTable", Members)?.PropertyType
                == typeof(Dictionary<string, PSModuleInfo>);
        return isAsExpected ? static command => new SessionTables(InternalOfState!.GetValue(command.SessionState)!) : null;
    }

    private static bool HasField<T>(Type? type, string name) => type?.GetField(name, Members)?.FieldType == typeof(T);

    /// <summary>The tables of a session, which are the same as long as it lives.</summary>
    public sealed class SessionTables
    {
        // As many locations as `Set-Location -` goes back in PowerShell.
        private const int HistoryLength = 20;

        private readonly object _state;
        private readonly object _global;
        private readonly PropertyInfo _currentDrive;
        private readonly FieldInfo _history;

        /// <summary>Finds the tables.</summary>
        /// <param name="state">The engine's own session state.</param>
        public SessionTables(object state)
        {
            _state = state;
            _global = Property(state, "GlobalScope");
            _currentDrive = state.GetType().GetProperty("CurrentDrive", Members)!;
            _history = state.GetType().GetField("_setLocationHistory", Members)!;
            object context = Property(state, "ExecutionContext");
            Variables = Field<Dictionary<string, PSVariable>>(_global, "_variables")!;
            Functions = Field<Dictionary<string, FunctionInfo>>(_global, "_functions")!;
            Aliases = Field<Dictionary<string, AliasInfo>>(_global, "_alias")!;
            Drives = Field<Dictionary<string, PSDriveInfo>>(_global, "_drives")!;
            ScopeVariables = Field<Dictionary<string, PSVariable>>(Property(state, "CurrentScope"), "_variables") ?? [];
            DrivesOfProviders = Field<Dictionary<ProviderInfo, PSDriveInfo>>(state, "_providersCurrentWorkingDrive")!;
            LocationStacks = Field<Dictionary<string, Stack<PathInfo>>>(state, "_workingLocationStack")!;
            Modules = (Dictionary<string, PSModuleInfo>)Property(Property(context, "Modules"), "ModuleTable");
            SetSuccess = context
                .GetType()
                .GetProperty("QuestionMarkVariableValue", Members)!.SetMethod!.CreateDelegate<Action<bool>>(context);
        }

        /// <summary>The global variables.</summary>
        public Dictionary<string, PSVariable> Variables { get; }

        /// <summary>The variables of the scope that was current when the tables were found.</summary>
        public Dictionary<string, PSVariable> ScopeVariables { get; }

        /// <summary>The global functions.</summary>
        public Dictionary<string, FunctionInfo> Functions { get; }

        /// <summary>The global aliases.</summary>
        public Dictionary<string, AliasInfo> Aliases { get; }

        /// <summary>The global drives.</summary>
        public Dictionary<string, PSDriveInfo> Drives { get; }

        /// <summary>The current drive of each provider.</summary>
        public Dictionary<ProviderInfo, PSDriveInfo> DrivesOfProviders { get; }

        /// <summary>The stacks of `Push-Location`, by name.</summary>
        public Dictionary<string, Stack<PathInfo>> LocationStacks { get; }

        /// <summary>The loaded modules, nested ones included.</summary>
        public Dictionary<string, PSModuleInfo> Modules { get; }

        /// <summary>Sets `$?`.</summary>
        public Action<bool> SetSuccess { get; }

        /// <summary>The current drive.</summary>
        public PSDriveInfo? CurrentDrive
        {
            get => (PSDriveInfo?)_currentDrive.GetValue(_state);
            set => _currentDrive.SetValue(_state, value);
        }

        /// <summary>Clears the history of `Set-Location -`.</summary>
        public void ClearLocationHistory()
            => _history.SetValue(_state, _history.FieldType.GetConstructor(Members, [typeof(int)])!.Invoke([HistoryLength]));

        /// <summary>Removes a global function.</summary>
        public void RemoveFunction(string name) => Call("RemoveFunction", name);

        /// <summary>Removes a global alias.</summary>
        public void RemoveAlias(string name) => Call("RemoveAlias", name);

        private static object Property(object owner, string name) => owner.GetType().GetProperty(name, Members)!.GetValue(owner)!;

        private static T? Field<T>(object owner, string name) => (T?)owner.GetType().GetField(name, Members)!.GetValue(owner);

        private void Call(string method, string name)
            => _global.GetType().GetMethod(method, Members, [typeof(string), typeof(bool)])!.Invoke(_global, [name, true]);
    }
}
