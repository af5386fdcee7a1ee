using System.Collections;
using System.Diagnostics;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;
using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// A block that runs for an item and can suspend at its awaits. It keeps its scope and the engine's function context, which holds its
/// local variables. Before it resumes, the state that the engine's own context holds for it is restored.
/// </summary>
/// <param name="access">The engine.</param>
/// <param name="program">Its code.</param>
/// <param name="commands">What the names of its awaits resolve to.</param>
/// <param name="maySuspend">Called before it suspends; false while what runs is being stopped.</param>
internal sealed class Coroutine(
    EngineInternals.CoroutineAccess access,
    CoroutineProgram program,
    CoroutineCommands commands,
    Func<bool> maySuspend) : CoroutineFrame, IPausedBlock
{
    // Stands for the pipe that is current when it resumes.
    private static readonly object Theirs = new();

    private static readonly object True = true;
    private static readonly object False = false;

    [ThreadStatic]
    private static Coroutine? _starting;

    [ThreadStatic]
    private static Coroutine? _running;

    private readonly CoroutineProgram _program = program;
    private object _functionContext = null!;
    private object _context = null!;
    private object _scope = null!;
    private EngineInternals.ExecutionState? _own;
    private AwaitSite? _site;
    private Task? _pending;
    private long _deadline;
    private long _since;
    private bool _isGenuine;
    private bool _stopRequested;
    private bool _hasStopped;
    private Timer? _timer;

    // The command that is called at the await, if it suspends; the command as which it continues; and the input that both read.
    private ISuspendedCommand? _command;
    private ISuspendedCommand? _goesOn;
    private SuspendableInput? _input;
    private bool _isInCommand;
    private bool _hasFailed;

    /// <summary>What is awaited, in the form that the awaiting command gets: a value task as a task.</summary>
    public object? Awaited { get; private set; }

    /// <summary>What the item has changed in its worker's session, to be restored when it resumes.</summary>
    public object? Changes { get; set; }

    /// <inheritdoc/>
    public WaitNote? Waits => _command is not null || IsReady ? null
        : _site is { Kind: not AwaitKind.Task } sleep ? new WaitNote(WaitKind.Sleep, Text: sleep.Command.Extent.Text) { Since = _since }
        : new WaitNote(WaitKind.Task, Awaited) { Since = _since };

    /// <inheritdoc/>
    public IScriptExtent? Place => _site?.Statement;

    /// <inheritdoc/>
    public bool HasCleanUp => _command is not null || _site?.HasCleanUp == true;

    /// <inheritdoc/>
    public override bool MustWaitOn => _command is not null;

    /// <summary>Whether a command may suspend the block that runs on this thread: it was called at an await point of it.</summary>
    public static bool CanSuspendAt(InvocationInfo command)
        => _running is { _isInCommand: true, _command: null, _site: { } site } coroutine
            && coroutine.CanSuspend
            && command.IsAt(site.Command.Extent);

    /// <summary>Suspends the block of this thread in the middle of a command, if the block allowed it.</summary>
    public static void SuspendIn(ISuspendedCommand command)
    {
        Coroutine coroutine = _running!;
        (coroutine._command, coroutine._pending) = (command, command.Awaited);
    }

    /// <summary>The suspended command that continues in a new one, called at the same await point; null if there is none.</summary>
    public static ISuspendedCommand? TakeSuspended(PSCmdlet command)
    {
        if (_running is not { _isInCommand: true, _site: { } site, _goesOn: { } goesOn } coroutine
            || goesOn.GetType() != command.GetType()
            || !command.MyInvocation.IsAt(site.Command.Extent))
        {
            return null;
        }

        coroutine._goesOn = null;
        return goesOn;
    }

    /// <summary>
    /// Called when the engine is about to run the code of a block that can suspend: the coroutine that was started runs instead.
    /// </summary>
    /// <param name="functionContext">The function context of the code.</param>
    /// <param name="program">The program of the code.</param>
    /// <returns>False if none of this code was started, so that the engine runs the code as it is.</returns>
    public static bool TakeOver(object functionContext, CoroutineProgram program)
    {
        if (_starting is not { } coroutine || coroutine._program != program)
        {
            return false;
        }

        _starting = null;
        coroutine.Begin(functionContext);
        return true;
    }

    /// <summary>Runs the block until it ends or suspends.</summary>
    /// <param name="invoke">Makes the engine invoke the block.</param>
    public void Start(Action invoke)
    {
        _starting = this;
        try
        {
            invoke();
        }
        finally
        {
            _starting = null;
        }
    }

    /// <summary>Continues until it ends or suspends again, on the thread and in the session that started it.</summary>
    public void Resume()
    {
        object around = access.CurrentScope(_context)!;
        access.SetParent(_scope, around);
        access.SetCurrentScope(_context, _scope);
        try
        {
            Step();
        }
        finally
        {
            access.SetCurrentScope(_context, around);
        }
    }

    /// <summary>Called by the compiled code when it awaits something.</summary>
    public void Begin(object? value, AwaitSite site)
    {
        Abort();
        (_site, Awaited, _pending, _deadline, _input, _isInCommand, _hasFailed) = (site, value, null, 0, null, false, false);
        _isGenuine = site.Kind != AwaitKind.Command && commands.IsGenuine(site);
        if (!_isGenuine)
        {
            return;
        }

        object? unwrapped = PSObjectExtensions.Unwrap(value);
        if (site.Kind != AwaitKind.Task)
        {
            _isGenuine = SleepTime.TryGet(unwrapped, site.Kind, out TimeSpan time) && !commands.HaveDefaults;
            _deadline = _isGenuine ? Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency) : 0;
        }
        else if (unwrapped is Task task)
        {
            _pending = task;
        }
        else if (Awaitables.IsAwaitable(unwrapped, out object? awaitable) && awaitable is Task converted)
        {
            Awaited = _pending = converted;
        }
    }

    /// <inheritdoc/>
    public override bool MustSuspend()
    {
        if (Volatile.Read(ref _stopRequested) && !_hasStopped)
        {
            _hasStopped = true;
            Abort();
            throw new PipelineStoppedException();
        }

        return !IsReady && CanSuspend;
    }

    /// <summary>Called by the compiled code: the pipeline input of the command at the await, for each of its calls.</summary>
    public object? InputOf(object? value)
        => ReferenceEquals(value, AutomationNull.Value) ? value : _input ??= new SuspendableInput(value, this);

    /// <summary>Called by its code before the command at the await is called.</summary>
    public void BeginCommand()
    {
        (_goesOn, _command, _pending, _isInCommand) = (_command, null, null, true);
    }

    /// <summary>Called by its code when that has returned: it has ended, or suspends the block.</summary>
    public void EndCommand()
    {
        _isInCommand = false;
        Abort(ref _goesOn);

        // It may have written an error before it was suspended.
        _hasFailed |= access.GetSuccess(_context) is false;
        if (_hasFailed && _command is null)
        {
            access.SetSuccess(_context, False);
        }
    }

    /// <summary>Called by the compiled code when a wait is over: does what the awaiting command would do, if that is known.</summary>
    /// <returns>False if the command must run: for its errors, or because its name resolves to something else.</returns>
    public bool TryFinish()
    {
        if (!_isGenuine || _command is not null || !IsReady
            || (_site!.Kind == AwaitKind.Task && (_pending is not { IsCompletedSuccessfully: true }
            || commands.HaveDefaults)))
        {
            return false;
        }

        Task? ended = _pending;
        Forget();
        if (ended is not null)
        {
            foreach (object? result in TaskResults.Get(ended))
            {
                access.Write(_functionContext, result);
            }
        }

        access.SetSuccess(_context, True);
        return true;
    }

    /// <inheritdoc/>
    public void WhenReady(Action wake)
    {
        if (_deadline != 0)
        {
            double left = (_deadline - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
            _timer = Guarded.Timer(wake);
            _timer.Change((long)Math.Ceiling(Math.Max(0, left)), Timeout.Infinite);
        }

        _pending?.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(wake);
    }

    /// <inheritdoc/>
    public bool IsStopped => Volatile.Read(ref _stopRequested);

    /// <inheritdoc/>
    public void Stop() => Volatile.Write(ref _stopRequested, true);

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _pending?.Forget();
        if (_command is not null)
        {
            // It may take long.
            ThreadPool.UnsafeQueueUserWorkItem(static coroutine => Guarded.Run(coroutine.Abort), this, preferLocal: false);
        }
    }

    private bool CanSuspend => !_hasStopped && maySuspend();

    private bool IsReady => _pending?.IsCompleted != false && (_deadline == 0 || Stopwatch.GetTimestamp() >= _deadline);

    private void Begin(object functionContext)
    {
        _functionContext = functionContext;
        _context = access.ContextOf(functionContext)!;
        _scope = access.CurrentScope(_context)!;
        Step();
        if (IsSuspended)
        {
            // The engine now removes the current scope and everything in it.
            access.SetCurrentScope(_context, access.ParentOf(_scope));
            access.SetCurrentScope(_context, access.NewScope(_context));
        }
    }

    private void Step()
    {
        _timer?.Dispose();
        _timer = null;
        IsSuspended = false;
        Coroutine? outer = _running;
        _running = this;
        bool isFirst = _own is null;
        var theirs = new EngineInternals.ExecutionState();
        access.ReadState(_context, theirs);
        if (!isFirst)
        {
            Replace(_own!, Theirs, theirs);
            access.WriteState(_context, _own!);
        }

        var schedule = ThreadSchedule.Current;
        long started = schedule.Begin();
        try
        {
            _program.Run(_functionContext, this);
        }
        finally
        {
            _running = outer;
            TimeSpan time = schedule.ElapsedSince(started, CoroutineProgram.LongStep);
            _program.Note(commands.IsWarm ? time : TimeSpan.Zero, !IsSuspended);
            commands.NoteStep();
            if (!IsSuspended)
            {
                Abort();
            }
            else
            {
                _since = Stopwatch.GetTimestamp();
                access.ReadState(_context, _own ??= new());
                Hide(_own, theirs);
            }

            if (IsSuspended || !isFirst)
            {
                access.WriteState(_context, theirs);
            }
        }
    }

    private void Abort()
    {
        Abort(ref _command);
        Abort(ref _goesOn);
    }

    private static void Abort(ref ISuspendedCommand? command)
    {
        ISuspendedCommand? aborted = command;
        command = null;
        aborted?.Abort();
    }

    private void Forget() => (Awaited, _pending, _deadline) = (null, null, 0);

    private static void Hide(EngineInternals.ExecutionState own, EngineInternals.ExecutionState theirs)
    {
        own.ErrorPipe = own.ErrorPipe == theirs.ErrorPipe ? Theirs : own.ErrorPipe;
        own.WarningPipe = own.WarningPipe == theirs.WarningPipe ? Theirs : own.WarningPipe;
        own.VerbosePipe = own.VerbosePipe == theirs.VerbosePipe ? Theirs : own.VerbosePipe;
        own.DebugPipe = own.DebugPipe == theirs.DebugPipe ? Theirs : own.DebugPipe;
        own.InformationPipe = own.InformationPipe == theirs.InformationPipe ? Theirs : own.InformationPipe;
    }

    private static void Replace(EngineInternals.ExecutionState own, object hidden, EngineInternals.ExecutionState theirs)
    {
        own.ErrorPipe = own.ErrorPipe == hidden ? theirs.ErrorPipe : own.ErrorPipe;
        own.WarningPipe = own.WarningPipe == hidden ? theirs.WarningPipe : own.WarningPipe;
        own.VerbosePipe = own.VerbosePipe == hidden ? theirs.VerbosePipe : own.VerbosePipe;
        own.DebugPipe = own.DebugPipe == hidden ? theirs.DebugPipe : own.DebugPipe;
        own.InformationPipe = own.InformationPipe == hidden ? theirs.InformationPipe : own.InformationPipe;
    }

    // While the command waits, the rest is left for its continuation.
    private sealed class SuspendableInput(object? value, Coroutine coroutine) : IEnumerable, IEnumerator
    {
        private readonly IEnumerator _elements = LanguagePrimitives.GetEnumerator(value) ?? new[] { value }.GetEnumerator();

        public object? Current => _elements.Current;

        public IEnumerator GetEnumerator() => this;

        public bool MoveNext() => coroutine._command is null && _elements.MoveNext();

        public void Reset() => throw new NotSupportedException();
    }
}
