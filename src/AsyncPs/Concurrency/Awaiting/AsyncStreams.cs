using System.Reflection;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Awaiting;

/// <summary>Enumerates any <see cref="IAsyncEnumerable{T}"/> as objects.</summary>
internal static class AsyncStreams
{
    private static readonly ConditionalWeakTable<Type, Func<object, CancellationToken, IAsyncEnumerator<object?>>> Enumerators = [];

    /// <summary>Whether the type is an asynchronous stream.</summary>
    public static bool IsAsyncStream(Type type) => Find(type) is not null;

    /// <summary>Starts to enumerate a stream and passes it the token.</summary>
    public static IAsyncEnumerator<object?> Enumerate(object stream, CancellationToken cancellationToken)
        => Enumerators.GetValue(stream.GetType(), Create)(stream, cancellationToken);

    private static Type? Find(Type type) => Array.Find(
        type.GetInterfaces(),
        static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>));

    private static Func<object, CancellationToken, IAsyncEnumerator<object?>> Create(Type type)
        => typeof(AsyncStreams).GetMethod(nameof(EnumerateAsync), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(Find(type)!.GenericTypeArguments)
            .CreateDelegate<Func<object, CancellationToken, IAsyncEnumerator<object?>>>();

    private static async IAsyncEnumerator<object?> EnumerateAsync<T>(object stream, CancellationToken cancellationToken)
    {
        using var token = new ForeignToken(cancellationToken);
        await foreach (T element in ((IAsyncEnumerable<T>)stream).WithCancellation(token.Token).ConfigureAwait(false))
        {
            yield return element;
        }
    }
}
