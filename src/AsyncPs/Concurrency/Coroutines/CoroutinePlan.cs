using System.Management.Automation.Language;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// Which blocks of a call run as coroutines. The items of a call share workers, and while one is suspended, others run there. So it is
/// all blocks or none, unless the caller keeps the items of the others away: see <see cref="MayShareOf"/>.
/// </summary>
internal sealed class CoroutinePlan
{
    /// <summary>The environment variable that makes blocks wait in their workers when it is <c>off</c>.</summary>
    public const string Switch = "ASYNCPS_COROUTINES";

    private const string UnknownCompiler = "this version of PowerShell compiles blocks in another way than the one that is known";
    private const string NotInvokedDirectly = "it runs with another block before it, or in another language mode than the full one";
    private const string UsesCmdlet = "it uses $PSCmdlet, which ends with the command that binds the parameters";

    private static bool IsSwitchedOn
        => !string.Equals(Environment.GetEnvironmentVariable(Switch), "off", StringComparison.OrdinalIgnoreCase);

    private readonly object _lock = new();
    private readonly ScriptBlock[] _blocks;
    private readonly BlockSurvey[] _surveys;
    private readonly string?[] _obstacles;
    private readonly bool[] _areQuick;
    private readonly bool _isSeparate;
    private readonly bool _maySuspend;
    private CoroutineProgram?[]? _programs;
    private CoroutineProgram[]? _distinct;
    private bool _areAllQuick;
    private bool _areAllAsExpected;

    private CoroutinePlan(ScriptBlock[] blocks, BlockSurvey[] surveys, string?[] obstacles, bool isSeparate)
    {
        (_blocks, _surveys, _obstacles, _isSeparate) = (blocks, surveys, obstacles, isSeparate);
        _areQuick = Array.ConvertAll(surveys, static survey => survey.IsQuick && survey.UnknownCommands.Count == 0);
        UniteObstacles();
        _maySuspend = Array.Exists(_obstacles, static obstacle => obstacle is null);
    }

    /// <summary>Whether the blocks may define commands while they run.</summary>
    public bool MayDefine => Array.Exists(_surveys, static survey => survey.MayDefine);

    /// <summary>Whether an item may start on a worker where others are suspended: not if it might delay them.</summary>
    public bool MayShare => Volatile.Read(ref _distinct) is { } programs
        && (_isSeparate ? _areAllAsExpected
            : Array.TrueForAll(programs, _areAllQuick ? static one => one.IsQuickSoFar : static one => one.IsQuick));

    /// <summary>Whether the first worker still compiles the blocks, or is about to. Others would wait for it.</summary>
    public bool IsBeingPrepared => _maySuspend && Volatile.Read(ref _programs) is null;

    /// <summary>Plans the blocks of a call.</summary>
    /// <param name="blocks">The blocks, without a session.</param>
    /// <param name="canBegin">Whether the engine invokes the block of an index directly.</param>
    /// <param name="isSeparate">
    /// Whether the items of blocks that cannot suspend run on other workers than those of <see cref="MayShareOf"/>.
    /// </param>
    /// <returns>Null if none of them awaits anything.</returns>
    public static CoroutinePlan? Of(ScriptBlock[] blocks, Predicate<int> canBegin, bool isSeparate)
    {
        if (!Array.Exists(blocks, static block => block.Ast is ScriptBlockAst ast && BlockSurvey.Of(ast).Awaits)
            || !Array.TrueForAll(blocks, static block => block.Ast is ScriptBlockAst)
            || !IsSwitchedOn)
        {
            return null;
        }

        BlockSurvey[] surveys = Array.ConvertAll(blocks, static block => BlockSurvey.Of((ScriptBlockAst)block.Ast));
        string?[] obstacles =
        [
            .. surveys.Select((survey, i) => survey.Obstacle
                ?? (!canBegin(i) ? NotInvokedDirectly : isSeparate && survey.NamesCmdlet ? UsesCmdlet : null)),
        ];
        var plan = new CoroutinePlan(blocks, surveys, obstacles, isSeparate);
        if (plan._maySuspend)
        {
            CoroutineSelfTest.Begin();
        }

        return plan;
    }

    /// <summary>The messages that explain why blocks that await cannot suspend.</summary>
    public IEnumerable<string> Messages
        => Enumerable.Range(0, _blocks.Length)
            .Where(i => _obstacles[i] is not null && (_surveys[i].Awaits || !_isSeparate))
            .Select(i => $"A block waits in its worker at its awaits, since it cannot suspend: {_obstacles[i]}.")
            .Distinct();

    /// <summary>
    /// Whether the items of a block may run beside those of others that suspend: the block suspends too, and is quick between its awaits.
    /// </summary>
    /// <param name="index">The index of the block.</param>
    public bool MayShareOf(int index)
        => Volatile.Read(ref _programs) is not { } programs ? WasExpectedToShare(index) && _obstacles[index] is null
            : programs[index] is { } program && (Volatile.Read(ref _areQuick[index]) ? program.IsQuickSoFar : program.IsQuick);

    /// <summary>Compiles the blocks, on the first worker.</summary>
    /// <param name="command">The command of the worker's pipeline.</param>
    /// <returns>Whether this was the first.</returns>
    public bool Prepare(PSCmdlet command)
    {
        lock (_lock)
        {
            if (_programs is not null)
            {
                return false;
            }

            CoroutineProgram?[] programs = Make(command);
            _areAllQuick = Array.TrueForAll(_areQuick, static quick => quick);
            _areAllAsExpected = !Enumerable.Range(0, programs.Length).Any(i => programs[i] is null && WasExpectedToShare(i));
            Volatile.Write(ref _programs, programs);
            Volatile.Write(ref _distinct, [.. programs.OfType<CoroutineProgram>().Distinct()]);
            return true;
        }
    }

    /// <summary>Gets the code of a block, once it is prepared.</summary>
    /// <param name="index">The index of the block.</param>
    /// <returns>Null if the block does not suspend.</returns>
    public CoroutineProgram? ProgramOf(int index) => _programs![index];

    // Whether items of the block may have gone to the workers of suspended ones before the blocks were compiled.
    private bool WasExpectedToShare(int index)
        => _surveys[index] is { Awaits: true, Obstacle: null, IsQuick: true, UnknownCommands.Count: 0 };

    private void UniteObstacles()
    {
        if (!_isSeparate && Array.Find(_obstacles, static obstacle => obstacle is not null) is { } obstacle)
        {
            Array.Fill(_obstacles, obstacle);
        }
    }

    private CoroutineProgram?[] Make(PSCmdlet command)
    {
        var programs = new CoroutineProgram?[_blocks.Length];
        bool isKnown = EngineInternals.Coroutines is not null && CoroutineSelfTest.HasPassed;
        var reader = new CommandReader(command);
        for (int i = 0; i < programs.Length; i++)
        {
            if (_obstacles[i] is null && isKnown)
            {
                (_obstacles[i], bool isQuick) = reader.Read(_surveys[i]);
                Volatile.Write(ref _areQuick[i], isQuick);
            }
            else
            {
                _obstacles[i] ??= UnknownCompiler;
            }
        }

        UniteObstacles();
        for (int i = 0; i < programs.Length; i++)
        {
            if (_obstacles[i] is null && _surveys[i].Sites.Count > 0)
            {
                programs[i] = CoroutineProgram.Of(EngineInternals.Coroutines!, _blocks[i], _surveys[i]);
                _obstacles[i] = programs[i]!.Obstacle;
                UniteObstacles();
            }
        }

        for (int i = 0; i < programs.Length; i++)
        {
            programs[i] = _obstacles[i] is null ? programs[i] : null;
        }

        return programs;
    }

    /// <summary>Reads the functions that the blocks call, as far as they are defined.</summary>
    private sealed class CommandReader(PSCmdlet command)
    {
        private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<BlockSurvey, (string? Obstacle, bool IsQuick)> _results = new(ReferenceEqualityComparer.Instance);
        private string? _obstacle;
        private bool _isQuick;

        /// <summary>Reads what a block calls.</summary>
        /// <returns>Why the block cannot suspend, or null; and whether all that it calls is known to be quick.</returns>
        public (string? Obstacle, bool IsQuick) Read(BlockSurvey survey)
        {
            if (!_results.TryGetValue(survey, out (string? Obstacle, bool IsQuick) result))
            {
                (_obstacle, _isQuick) = (null, true);
                _read.Clear();
                ReadAll(survey);
                result = (_obstacle, _isQuick);
                _results.Add(survey, result);
            }

            return result;
        }

        private void ReadAll(BlockSurvey survey)
        {
            _isQuick &= survey.IsQuick;
            foreach (string name in survey.UnknownCommands.Where(_read.Add))
            {
                Read(EngineInternals.FindAlias!(command.SessionState, name)?.Definition ?? name);
            }
        }

        // A function that is only named together with its module is known to the module alone.
        private FunctionInfo? FindFunction(string name)
            => CommandNames.IsQualified(name)
                ? command.InvokeCommand.GetCommand(name, CommandTypes.Function | CommandTypes.Filter) as FunctionInfo
                : EngineInternals.FindFunction!(command.SessionState, name);

        private void Read(string name)
        {
            if (FindFunction(name) is not { ScriptBlock.Ast: { } ast })
            {
                if (CommandKinds.Waits(name))
                {
                    _obstacle ??= $"'{name}' waits, and is no await point";
                }

                _isQuick &= CommandKinds.IsQuick(name);
                return;
            }

            if ((ast as ScriptBlockAst ?? (ast as FunctionDefinitionAst)?.Body) is not { } body)
            {
                return;
            }

            BlockSurvey survey = BlockSurvey.Of(body);
            if (survey.Awaits || survey.Obstacle is not null)
            {
                _obstacle ??= $"the function '{name}' waits";
            }

            ReadAll(survey);
        }
    }
}
