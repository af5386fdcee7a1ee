using System.Text.Json;

namespace AsyncPs.Inspection;

/// <summary>What lives in this process, as text for another one: what <c>Get-ConcurrentCall -ProcessId</c> asks for.</summary>
public static class CallReport
{
    /// <summary>The calls as JSON.</summary>
    public static string ToJson() => JsonSerializer.Serialize(CallInspector.Inspect());

    /// <summary>Reads such a text.</summary>
    internal static IReadOnlyList<ConcurrentCallInfo> Read(string json) => JsonSerializer.Deserialize<ConcurrentCallInfo[]>(json) ?? [];
}
