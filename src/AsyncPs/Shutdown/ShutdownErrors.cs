using static AsyncPs.ErrorRecords;

namespace AsyncPs.Shutdown;

/// <summary>The errors of shutdown actions.</summary>
internal static class ShutdownErrors
{
    /// <summary>An action that took too long.</summary>
    public static TimeoutException ShutdownActionTooSlow(ShutdownAction action)
        => new($"It was stopped because it took longer than {Duration(action.Timeout)} (-Timeout).");

    /// <summary>An action that failed when the error stream no longer exists.</summary>
    public static string ShutdownActionFailed(string name, Exception exception)
        => $"The shutdown action '{name}' failed: {exception.Message}";
}
