using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AsyncPs.Streams;

/// <summary>Finds the items of a channel, or of its reader, as an asynchronous stream.</summary>
internal static class ChannelStreams
{
    private static readonly ConditionalWeakTable<Type, Func<object, object?>> Known = [];

    /// <summary>The <see cref="IAsyncEnumerable{T}"/> of a <see cref="ChannelReader{T}"/> or <see cref="Channel{TWrite, TRead}"/>; null for anything else.</summary>
    public static object? TryGet(object channel) => Known.GetValue(channel.GetType(), Create)(channel);

    private static Func<object, object?> Create(Type type)
    {
        for (Type? t = type; t is not null; t = t.BaseType)
        {
            if (!t.IsGenericType)
            {
                continue;
            }

            if (t.GetGenericTypeDefinition() == typeof(ChannelReader<>))
            {
                return Getter(nameof(OfReader), t.GenericTypeArguments);
            }

            if (t.GetGenericTypeDefinition() == typeof(Channel<,>))
            {
                return Getter(nameof(OfChannel), t.GenericTypeArguments);
            }
        }

        return static _ => null;
    }

    private static Func<object, object?> Getter(string method, Type[] types)
        => typeof(ChannelStreams).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(types)
            .CreateDelegate<Func<object, object?>>();

    private static object OfReader<T>(object reader) => ((ChannelReader<T>)reader).ReadAllAsync();

    private static object OfChannel<TWrite, TRead>(object channel) => ((Channel<TWrite, TRead>)channel).Reader.ReadAllAsync();
}
