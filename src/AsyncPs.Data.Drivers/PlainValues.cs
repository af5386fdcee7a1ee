using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;

namespace AsyncPs.Data.Drivers;

/// <summary>Values of .NET that most databases have no type for, as what they have one for.</summary>
internal static class PlainValues
{
    /// <summary>A value as a driver takes it.</summary>
    /// <exception cref="NotSupportedException">There is nothing for it.</exception>
    public static object Of(object value) => value switch
    {
        Enum or Uri or Version or System.Net.IPAddress or char => value.ToString()!,
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        byte[] => value,
        IDictionary or PSObject => ObjectJson.Of(value),
        IEnumerable and not string => throw new NotSupportedException(),
        _ => value,
    };
}
