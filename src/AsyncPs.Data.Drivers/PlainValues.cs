using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;

namespace AsyncPs.Data.Drivers;

/// <summary>Converts .NET values for which most databases have no type to similar ones that have one.</summary>
internal static class PlainValues
{
    /// <summary>A value in the form that a driver takes.</summary>
    /// <exception cref="NotSupportedException">There is no such form.</exception>
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
