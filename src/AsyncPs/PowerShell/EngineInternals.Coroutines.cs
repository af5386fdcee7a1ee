using System.Linq.Expressions;
using System.Reflection;

namespace AsyncPs;

/// <content>The compiled code of blocks, and the state of the engine that belongs to the running code.</content>
internal static partial class EngineInternals
{
    private static readonly Lazy<CoroutineAccess?> LazyCoroutines = new(CoroutineAccess.Create);

    /// <summary>
    /// What suspending blocks need of the engine. Looked up on first use; null if this version of the engine differs.
    /// </summary>
    public static CoroutineAccess? Coroutines => LazyCoroutines.Value;

    /// <summary>
    /// The state in the engine's context that belongs to the running code, besides its scope. A pipe is an object of the engine.
    /// </summary>
    public sealed class ExecutionState
    {
        /// <summary>The target of redirected errors of expressions.</summary>
        public object? ErrorPipe;

        /// <summary>The target of redirected warnings.</summary>
        public object? WarningPipe;

        /// <summary>The target of redirected verbose messages.</summary>
        public object? VerbosePipe;

        /// <summary>The target of redirected debug messages.</summary>
        public object? DebugPipe;

        /// <summary>The target of redirected information records.</summary>
        public object? InformationPipe;

        /// <summary>Whether the code is inside a `try`, so that statement-terminating errors are thrown.</summary>
        public bool Propagates;

        /// <summary>The value of `$?`.</summary>
        public bool Success;

        /// <summary>The error that `throw` without an argument rethrows.</summary>
        public object? Handled;
    }

    /// <summary>
    /// Reads and replaces the compiled code of blocks. The engine makes a LINQ expression from a block, interprets it first and compiles it
    /// later. The code is called with a function context.
    /// </summary>
    public sealed class CoroutineAccess
    {
        private readonly FieldInfo _codeOfBlock;
        private readonly MethodInfo _compile;
        private readonly PropertyInfo _endBlock;
        private readonly FieldInfo _creatorOfCode;
        private readonly FieldInfo _treeOfCreator;

        private CoroutineAccess()
        {
            _codeOfBlock = Field(typeof(ScriptBlock), "_scriptBlockData");
            _compile = _codeOfBlock.FieldType.GetMethod("Compile", Members, [typeof(bool)]) ?? throw new MissingMethodException("Compile");
            _endBlock = Property(_codeOfBlock.FieldType, "EndBlock");
            FunctionContext = _endBlock.PropertyType.GenericTypeArguments.Single();
            _creatorOfCode = Field(EngineType("Interpreter.LightLambda"), "_delegateCreator");
            _treeOfCreator = Field(_creatorOfCode.FieldType, "_lambda");
            FieldInfo context = Field(FunctionContext, "_executionContext");
            SequencePoint = Field(FunctionContext, "_currentSequencePointIndex");
            FieldInfo pipe = Field(FunctionContext, "_outputPipe");
            PropertyInfo state = Property(context.FieldType, "EngineSessionState");
            PropertyInfo scope = Property(state.PropertyType, "CurrentScope");
            PropertyInfo parent = Property(scope.PropertyType, "Parent");

            ParameterExpression one = Expression.Parameter(typeof(object));
            ParameterExpression other = Expression.Parameter(typeof(object));
            Expression current = Expression.Property(Expression.Property(Expression.Convert(one, context.FieldType), state), scope);
            ContextOf = Getter(Expression.Field(Expression.Convert(one, FunctionContext), context), one);
            CurrentScope = Getter(current, one);
            SetCurrentScope = Setter(current, one, other);
            ParentOf = Getter(Expression.Property(Expression.Convert(one, scope.PropertyType), parent), one);
            SetParent = Setter(Expression.Property(Expression.Convert(one, scope.PropertyType), parent), one, other);
            MethodInfo newScope = state.PropertyType.GetMethod("NewScope", Members, [typeof(bool)])
                ?? throw new MissingMethodException("NewScope");
            NewScope = Getter(Expression.Call(Expression.Property(Expression.Convert(one, context.FieldType), state), newScope,
                Expression.Constant(false)), one);
            MethodInfo add = pipe.FieldType.GetMethod("Add", Members, [typeof(object)]) ?? throw new MissingMethodException("Add");
            Write = Expression.Lambda<Action<object, object?>>(
                Expression.Call(Expression.Field(Expression.Convert(one, FunctionContext), pipe), add, other), one, other).Compile();
            Expression success = Expression.Property(Expression.Convert(one, context.FieldType), Property(context.FieldType,
                "QuestionMarkVariableValue"));
            GetSuccess = Getter(success, one);
            SetSuccess = Setter(success, one, other);
            (ReadState, WriteState) = StateAccess(context.FieldType);
        }

        /// <summary>The type of function contexts.</summary>
        public Type FunctionContext { get; }

        /// <summary>The field of a function context for the position in the code.</summary>
        public FieldInfo SequencePoint { get; }

        /// <summary>Gets the engine's context of a function context.</summary>
        public Func<object, object?> ContextOf { get; }

        /// <summary>Gets the scope that code runs in from the engine's context.</summary>
        public Func<object, object?> CurrentScope { get; }

        /// <summary>Makes code run in another scope.</summary>
        public Action<object, object?> SetCurrentScope { get; }

        /// <summary>Creates a scope within the current one.</summary>
        public Func<object, object?> NewScope { get; }

        /// <summary>Gets the scope around a scope.</summary>
        public Func<object, object?> ParentOf { get; }

        /// <summary>Sets the scope around a scope.</summary>
        public Action<object, object?> SetParent { get; }

        /// <summary>Writes an object to the output of a function context's code.</summary>
        public Action<object, object?> Write { get; }

        /// <summary>Gets `$?` from the engine's context.</summary>
        public Func<object, object?> GetSuccess { get; }

        /// <summary>Sets `$?` in the engine's context.</summary>
        public Action<object, object?> SetSuccess { get; }

        /// <summary>Reads the state of the engine's context.</summary>
        public Action<object, ExecutionState> ReadState { get; }

        /// <summary>Sets the state of the engine's context.</summary>
        public Action<object, ExecutionState> WriteState { get; }

        /// <summary>Creates the access; null if this version of the engine differs.</summary>
        public static CoroutineAccess? Create()
        {
            try
            {
                return new CoroutineAccess();
            }
            catch (Exception e) when (e is MissingMemberException or TypeLoadException or InvalidOperationException or ArgumentException)
            {
                return null;
            }
        }

        /// <summary>The identity of the compiled code, which a block shares with its copies.</summary>
        public object CodeOf(ScriptBlock block) => _codeOfBlock.GetValue(block)!;

        /// <summary>Makes the engine compile a block, and returns the expression of its end part.</summary>
        /// <returns>Null if there is none: the block has no local variables, or the engine compiles it in another way.</returns>
        public LambdaExpression? TreeOf(object code)
        {
            if (_compile.Invoke(code, [true]) is not true || _endBlock.GetValue(code) is not Delegate compiled)
            {
                return null;
            }

            while (compiled.Target is IInterception { Original: { } original })
            {
                compiled = original;
            }

            object? target = compiled.Target;
            return _creatorOfCode.DeclaringType!.IsInstanceOfType(target) && _creatorOfCode.GetValue(target) is { } creator
                ? _treeOfCreator.GetValue(creator) as LambdaExpression
                : null;
        }

        /// <summary>
        /// Calls a function before the code of a block runs, with its function context. The code runs if the function returns false.
        /// </summary>
        /// <returns>False if the engine has not compiled the block.</returns>
        public bool Intercept(object code, Func<object, bool> takeOver)
        {
            if (_endBlock.GetValue(code) is not { } original)
            {
                return false;
            }

            var interception = (IInterception)Activator.CreateInstance(
                typeof(Interception<>).MakeGenericType(FunctionContext), original, takeOver)!;
            _endBlock.SetValue(code, interception.Replacement);
            return true;
        }

        // The code that an interceptor stands before.
        private interface IInterception
        {
            Delegate Original { get; }

            Delegate Replacement { get; }
        }

        private sealed class Interception<TContext>(Action<TContext> original, Func<object, bool> takeOver) : IInterception
            where TContext : class
        {
            public Delegate Original => original;

            public Delegate Replacement => (Action<TContext>)Run;

            private void Run(TContext context)
            {
                if (!takeOver(context))
                {
                    original(context);
                }
            }
        }

        private static (Action<object, ExecutionState> Read, Action<object, ExecutionState> Write) StateAccess(Type contextType)
        {
            (string OfContext, string Own)[] members =
            [
                ("ShellFunctionErrorOutputPipe", nameof(ExecutionState.ErrorPipe)),
                ("ExpressionWarningOutputPipe", nameof(ExecutionState.WarningPipe)),
                ("ExpressionVerboseOutputPipe", nameof(ExecutionState.VerbosePipe)),
                ("ExpressionDebugOutputPipe", nameof(ExecutionState.DebugPipe)),
                ("ExpressionInformationOutputPipe", nameof(ExecutionState.InformationPipe)),
                ("PropagateExceptionsToEnclosingStatementBlock", nameof(ExecutionState.Propagates)),
                ("QuestionMarkVariableValue", nameof(ExecutionState.Success)),
                ("CurrentExceptionBeingHandled", nameof(ExecutionState.Handled)),
            ];
            ParameterExpression context = Expression.Parameter(typeof(object));
            ParameterExpression own = Expression.Parameter(typeof(ExecutionState));
            List<Expression> read = [];
            List<Expression> write = [];
            foreach ((string ofContext, string field) in members)
            {
                Expression theirs = Expression.Property(Expression.Convert(context, contextType), Property(contextType, ofContext));
                Expression ours = Expression.Field(own, field);
                read.Add(Expression.Assign(ours, Expression.Convert(theirs, ours.Type)));
                write.Add(Expression.Assign(theirs, Expression.Convert(ours, theirs.Type)));
            }

            return (
                Expression.Lambda<Action<object, ExecutionState>>(Expression.Block(typeof(void), read), context, own).Compile(),
                Expression.Lambda<Action<object, ExecutionState>>(Expression.Block(typeof(void), write), context, own).Compile());
        }

        private static Func<object, object?> Getter(Expression value, ParameterExpression owner)
            => Expression.Lambda<Func<object, object?>>(Expression.Convert(value, typeof(object)), owner).Compile();

        private static Action<object, object?> Setter(Expression place, ParameterExpression owner, ParameterExpression value)
            => Expression.Lambda<Action<object, object?>>(
                Expression.Block(typeof(void), Expression.Assign(place, Expression.Convert(value, place.Type))), owner, value).Compile();

        private static Type EngineType(string name)
            => typeof(PSObject).Assembly.GetType("System.Management.Automation." + name) ?? throw new TypeLoadException(name);

        private static FieldInfo Field(Type type, string name) => type.GetField(name, Members)
            ?? throw new MissingFieldException(type.Name, name);

        private static PropertyInfo Property(Type type, string name)
            => type.GetProperty(name, Members) ?? throw new MissingMemberException(type.Name, name);
    }
}
