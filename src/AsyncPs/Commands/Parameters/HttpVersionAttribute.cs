using System.Globalization;

namespace AsyncPs.Commands.Parameters;

/// <summary>Lets an HTTP version be given as <c>1.1</c>, <c>2</c>, <c>2.0</c> or <c>3</c>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class HttpVersionAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
        => Convert.ToString(PSObjectExtensions.Unwrap(inputData), CultureInfo.InvariantCulture) switch
        {
            "1.0" => System.Net.HttpVersion.Version10,
            "1" or "1.1" => System.Net.HttpVersion.Version11,
            "2" or "2.0" => System.Net.HttpVersion.Version20,
            "3" or "3.0" => System.Net.HttpVersion.Version30,
            _ => throw ParameterErrors.NotAnHttpVersion(inputData),
        };
}
