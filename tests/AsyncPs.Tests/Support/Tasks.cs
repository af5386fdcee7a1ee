using System.Runtime.CompilerServices;

namespace AsyncPs.Tests.Support;

/// <summary>Asynchronous work for scripts. Public for them.</summary>
public static class Tasks
{
    /// <summary>A result that comes after a hop.</summary>
    public static async Task<object> Later(object result)
    {
        await Task.Yield();
        return result;
    }

    /// <summary>Several results at once.</summary>
    public static async Task<object[]> LaterMany(params object[] results)
    {
        await Task.Yield();
        return results;
    }

    /// <summary>A stream.</summary>
    public static async IAsyncEnumerable<object> Stream(params object[] elements)
    {
        foreach (object element in elements)
        {
            await Task.Yield();
            yield return element;
        }
    }

    /// <summary>A stream without end.</summary>
    public static async IAsyncEnumerable<int> Endless()
    {
        for (int i = 1; ; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    /// <summary>A stream whose first element never comes.</summary>
    public static async IAsyncEnumerable<int> Never([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(-1, cancellationToken);
        yield return 1;
    }
}
