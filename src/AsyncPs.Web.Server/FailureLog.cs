using Microsoft.Extensions.Logging;

namespace AsyncPs.Web.Server;

/// <summary>Passes on the failures that the framework reports, and drops its other messages.</summary>
/// <param name="failed">Receives the failures, or null.</param>
internal sealed class FailureLog(Action<Exception>? failed) : ILoggerProvider, ILogger
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && exception is not null)
        {
            failed?.Invoke(exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
