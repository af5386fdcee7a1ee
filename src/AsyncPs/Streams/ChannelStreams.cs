using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AsyncPs.Streams;

/// <summary>Opens a channel of any type, or its reader.</summary>
internal static class ChannelStreams
{
    private static readonly ConditionalWeakTable<Type, Func<object, CancellationToken, StreamSource?>> Known = [];

    /// <summary>Opens a <see cref="ChannelReader{T}"/> or <see cref="Channel{TWrite, TRead}"/>; null for anything else.</summary>
    public static StreamSource? TryOpen(object channel, CancellationToken stopping)
        => Known.GetValue(channel.GetType(), Create)(channel, stopping);

    private static Func<object, CancellationToken, StreamSource?> Create(Type type)
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

        return static (_, _) => null;
    }

    private static Func<object, CancellationToken, StreamSource?> Getter(string method, Type[] types)
        => typeof(ChannelStreams).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(types)
            .CreateDelegate<Func<object, CancellationToken, StreamSource?>>();

    private static ChannelSource<T> OfReader<T>(object reader, CancellationToken stopping) => new((ChannelReader<T>)reader, stopping);

    private static ChannelSource<TRead> OfChannel<TWrite, TRead>(object channel, CancellationToken stopping)
        => new(((Channel<TWrite, TRead>)channel).Reader, stopping);
}
