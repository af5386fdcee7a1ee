namespace AsyncPs.Commands.Parameters;

/// <summary>Lets an exception be given as what a script has at hand: an exception, an error record as in `$_`, or a message.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ErrorTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
        => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            ErrorRecord record => new RuntimeException(record.Exception.Message, record.Exception, record),
            string message => new RuntimeException(message),
            var other => other,
        };
}
