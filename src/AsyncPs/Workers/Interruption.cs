namespace AsyncPs.Workers;

/// <summary>Recognizes errors that stem from the interrupt which stops a script, and not from the script.</summary>
internal static class Interruption
{
    /// <summary>Whether the error, or one that caused it, is an interrupt of the thread.</summary>
    public static bool IsCauseOf(Exception? error)
    {
        while (error is not null and not ThreadInterruptedException)
        {
            error = error.InnerException;
        }

        return error is not null;
    }
}
