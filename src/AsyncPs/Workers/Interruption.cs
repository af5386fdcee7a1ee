namespace AsyncPs.Workers;

/// <summary>Recognizes what a script makes of the interrupt that stops it: it is not an error of the script.</summary>
internal static class Interruption
{
    /// <summary>Whether the error, or one that caused it, is the interrupt of the thread.</summary>
    public static bool IsCauseOf(Exception? error)
    {
        while (error is not null and not ThreadInterruptedException)
        {
            error = error.InnerException;
        }

        return error is not null;
    }
}
