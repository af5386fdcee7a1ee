namespace AsyncPs.Tests.Coroutines;

/// <summary>Tasks for blocks to await.</summary>
public static class Later
{
    public static async Task<object?> Value(int milliseconds, object? value)
    {
        await Task.Delay(milliseconds);
        return value;
    }

    public static async Task<object?> Fail(int milliseconds, string message)
    {
        await Task.Delay(milliseconds);
        throw new InvalidOperationException(message);
    }

    public static async Task<object?> FailIo(int milliseconds, string message)
    {
        await Task.Delay(milliseconds);
        throw new IOException(message);
    }

    public static async Task<object?> Cancel(int milliseconds)
    {
        await Task.Delay(milliseconds);
        throw new TaskCanceledException();
    }

    public static async Task Nothing(int milliseconds) => await Task.Delay(milliseconds);

    public static Task<object?> Now(object? value) => Task.FromResult(value);

    public static async ValueTask<object?> Light(int milliseconds, object? value)
    {
        await Task.Delay(milliseconds);
        return value;
    }
}
