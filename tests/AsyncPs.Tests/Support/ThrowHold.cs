using System.Runtime.ExceptionServices;

namespace AsyncPs.Tests.Support;

/// <summary>Delays a thread at one of the throws, the first or a later one, of an exception on its way to its handler.</summary>
internal sealed class ThrowHold : IDisposable
{
    [ThreadStatic]
    private static bool _holds;

    private readonly string _message;
    private readonly int _step;
    private readonly Action _hold;
    private int _steps;

    /// <summary>Begins to watch.</summary>
    /// <param name="message">The message of the exception.</param>
    /// <param name="step">The time, from 1.</param>
    /// <param name="hold">Holds the thread up.</param>
    public ThrowHold(string message, int step, Action hold)
    {
        _message = message;
        _step = step;
        _hold = hold;
        AppDomain.CurrentDomain.FirstChanceException += Thrown;
    }

    public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= Thrown;

    private void Thrown(object? sender, FirstChanceExceptionEventArgs e)
    {
        if (_holds || e.Exception.Message != _message || Interlocked.Increment(ref _steps) != _step)
        {
            return;
        }

        _holds = true;
        try
        {
            _hold();
        }
        finally
        {
            _holds = false;
        }
    }
}
