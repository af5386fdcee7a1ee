using System.Reflection;
using AsyncPs.Commands.Parameters;

namespace AsyncPs.Commands.Base;

/// <content>Detects a block together with -Uri or another parameter for requests, which is an error that says what to do.</content>
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

    /// <summary>Adds a hidden parameter for a first argument if there is a parameter for requests, which take no first argument.</summary>
    public object? GetDynamicParameters()
        => ScriptBlock.Length == 0 && RequestParameter is not null ? _first = new FirstArgument() : null;

    /// <summary>Throws if there is a first argument together with a parameter for requests.</summary>
    /// <exception cref="ConcurrentArgumentException">There are both.</exception>
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
