using System.Management.Automation.Language;

namespace AsyncPs.Concurrency.Coroutines;

/// <summary>
/// Which blocks of a call run as coroutines. It is all or none: the items of a call share workers, and while one is suspended, others
/// run there.
/// </summary>
internal sealed class CoroutinePlan
{
    /// <summary>The environment variable that makes blocks wait in their workers when it is <c>off</c>.</summary>
    public const string Switch = "ASYNCPS_COROUTINES";

    private static bool IsSwitchedOn
        => !string.Equals(Environment.GetEnvironmentVariable(Switch), "off", StringComparison.OrdinalIgnoreCase);

    private readonly object _lock = new();
    private readonly ScriptBlock[] _blocks;
    private readonly BlockSurvey[] _surveys;
    private CoroutineProgram?[]? _programs;
    private bool _isQuick;

    private CoroutinePlan(ScriptBlock[] blocks, BlockSurvey[] surveys)
    {
        _blocks = blocks;
        _surveys = surveys;
        Obstacle = Array.Find(surveys, static survey => survey.Obstacle is not null)?.Obstacle;
    }

    /// <summary>Why the blocks wait in their workers, or null if they can suspend.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>Whether the blocks may define commands while they run.</summary>
    public bool MayDefine => Array.Exists(_surveys, static survey => survey.MayDefine);

    /// <summary>Whether an item may start on a worker where others are suspended: not if it might delay them.</summary>
    public bool MayShare
        => _programs is { } programs && Array.TrueForAll(programs, _isQuick ? static one => one?.IsQuickSoFar != false : static one
            => one?.IsQuick != false);

    /// <summary>Whether the first worker still compiles the blocks, or is about to. Others would wait for it.</summary>
    public bool IsBeingPrepared => Obstacle is null && Volatile.Read(ref _programs) is null;

    /// <summary>Plans the blocks of a call.</summary>
    /// <param name="blocks">The blocks, without a session.</param>
    /// <param name="canBegin">Whether the engine invokes them directly.</param>
    /// <returns>Null if none of them awaits anything.</returns>
    public static CoroutinePlan? Of(ScriptBlock[] blocks, bool canBegin)
    {
        if (!Array.Exists(blocks, static block => block.Ast is ScriptBlockAst ast && BlockSurvey.Of(ast).Awaits)
            || !Array.TrueForAll(blocks, static block => block.Ast is ScriptBlockAst)
            || !IsSwitchedOn)
        {
            return null;
        }

        var plan = new CoroutinePlan(blocks, Array.ConvertAll(blocks, static block => BlockSurvey.Of((ScriptBlockAst)block.Ast)));
        if (!canBegin)
        {
            plan.Obstacle ??= "it runs with another block before it, or in another language mode than the full one";
        }

        if (plan.Obstacle is null)
        {
            CoroutineSelfTest.Begin();
        }

        return plan;
    }

    /// <summary>The message that explains why the blocks cannot suspend; null if they can.</summary>
    public string? Message => Obstacle is null ? null : $"A block waits in its worker at its awaits, since it cannot suspend: {Obstacle}.";

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

            Volatile.Write(ref _programs, Make(command));
            return true;
        }
    }

    /// <summary>Gets the code of a block, once it is prepared.</summary>
    /// <param name="index">The index of the block.</param>
    /// <returns>Null if the block does not suspend.</returns>
    public CoroutineProgram? ProgramOf(int index) => _programs![index];

    private CoroutineProgram?[] Make(PSCmdlet command)
    {
        var programs = new CoroutineProgram?[_blocks.Length];
        if (Obstacle is null && (EngineInternals.Coroutines is null || !CoroutineSelfTest.HasPassed))
        {
            Obstacle = "this version of PowerShell compiles blocks in another way than the one that is known";
        }

        if (Obstacle is null && EngineInternals.Coroutines is { } access)
        {
            var reader = new CommandReader(command.SessionState);
            Array.ForEach(_surveys, reader.Read);
            Obstacle = reader.Obstacle;
            _isQuick = reader.IsQuick;
            for (int i = 0; i < programs.Length && Obstacle is null; i++)
            {
                programs[i] = _surveys[i].Sites.Count == 0 ? null : CoroutineProgram.Of(access, _blocks[i], _surveys[i]);
                Obstacle = programs[i]?.Obstacle;
            }
        }

        return Obstacle is null ? programs : new CoroutineProgram?[_blocks.Length];
    }

    /// <summary>Reads the functions that the blocks call, as far as they are defined.</summary>
    private sealed class CommandReader(SessionState session)
    {
        private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);

        public string? Obstacle { get; private set; }

        public bool IsQuick { get; private set; } = true;

        public void Read(BlockSurvey survey)
        {
            IsQuick &= survey.IsQuick;
            foreach (string name in survey.UnknownCommands.Where(_read.Add))
            {
                Read(EngineInternals.FindAlias!(session, name)?.Definition ?? name);
            }
        }

        private void Read(string name)
        {
            if (EngineInternals.FindFunction!(session, name) is not { ScriptBlock.Ast: { } ast })
            {
                if (CommandKinds.Waits(name))
                {
                    Obstacle ??= $"'{name}' waits, and is no await point";
                }

                IsQuick &= CommandKinds.IsQuick(name);
                return;
            }

            if ((ast as ScriptBlockAst ?? (ast as FunctionDefinitionAst)?.Body) is not { } body)
            {
                return;
            }

            BlockSurvey survey = BlockSurvey.Of(body);
            if (survey.Awaits || survey.Obstacle is not null)
            {
                Obstacle ??= $"the function '{name}' waits";
            }

            Read(survey);
        }
    }
}
