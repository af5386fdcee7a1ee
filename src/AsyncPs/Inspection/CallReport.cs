using System.Text.Json;

namespace AsyncPs.Inspection;

/// <summary>The calls of this process as text for another process, for <c>Get-ConcurrentCall -ProcessId</c>.</summary>
public static class CallReport
{
    /// <summary>The calls as JSON.</summary>
    public static string ToJson() => JsonSerializer.Serialize(CallInspector.Inspect());

    /// <summary>Parses such a text.</summary>
    internal static IReadOnlyList<ConcurrentCallInfo> Read(string json) => JsonSerializer.Deserialize<ConcurrentCallInfo[]>(json) ?? [];
}
