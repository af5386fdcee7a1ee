using System.Reflection;
using AsyncPs.Commands.Parameters;

namespace AsyncPs.Commands.Base;

/// <content>A block beside -Uri or another parameter of requests: an error that says what to do.</content>
public abstract partial class BlockCommand : IDynamicParameters
{
    private static readonly Lazy<HashSet<string>> RequestParameters = new(static () => typeof(BlockCommand)
        .GetProperties()
        .Where(static property => property.GetCustomAttributes<ParameterAttribute>() is var sets
            && sets.Any()
            && sets.All(static set => set.ParameterSetName == UriSet))
        .Select(static property => property.Name)
        .ToHashSet(StringComparer.OrdinalIgnoreCase));

    private FirstArgument? _first;

    private string? RequestParameter => MyInvocation.BoundParameters.Keys.FirstOrDefault(RequestParameters.Value.Contains);

    /// <summary>A place for a first argument beside a parameter of requests, which have none.</summary>
    public object? GetDynamicParameters()
        => ScriptBlock.Length == 0 && RequestParameter is not null ? _first = new FirstArgument() : null;

    /// <summary>Ends the command if it has both.</summary>
    /// <exception cref="ConcurrentArgumentException">It has.</exception>
    private protected void RefuseBlockWithUri()
    {
        if (_first is { IsGiven: true })
        {
            throw new ConcurrentArgumentException(ParameterErrors.BlockWithUri(RequestParameter!, _first.Argument));
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
