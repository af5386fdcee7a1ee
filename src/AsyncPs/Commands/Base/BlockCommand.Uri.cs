using AsyncPs.Commands.Parameters;

namespace AsyncPs.Commands.Base;

/// <content>A block where there is -Uri: an error that says what to do, in place of one about positional parameters.</content>
public abstract partial class BlockCommand : IDynamicParameters
{
    private FirstArgument? _first;

    /// <summary>A place for a first argument beside -Uri, which has none.</summary>
    public object? GetDynamicParameters() => Uri is null ? null : _first = new FirstArgument();

    /// <summary>Ends the command if it has both.</summary>
    /// <exception cref="ConcurrentArgumentException">It has.</exception>
    private protected void RefuseBlockWithUri()
    {
        if (_first is { IsGiven: true })
        {
            throw new ConcurrentArgumentException(ParameterErrors.BlockWithUri(_first.Argument));
        }
    }

    private sealed class FirstArgument
    {
        private object? _argument;

        [Parameter(Position = 0, DontShow = true)]
        [System.Management.Automation.AllowNull]
        public object? Argument
        {
            get => _argument;
            set => (_argument, IsGiven) = (value, true);
        }

        public bool IsGiven { get; private set; }
    }
}
