using System.Buffers;

namespace AsyncPs.Http.Responses;

/// <summary>A body in a buffer that is returned to the pool.</summary>
/// <param name="buffer">The buffer.</param>
/// <param name="length">The length of the body in it.</param>
/// <param name="claim">The memory it takes from the budget of its call, or null.</param>
internal struct PooledBody(byte[] buffer, int length, MemoryClaim? claim) : IDisposable
{
    private byte[]? _buffer = buffer;

    /// <summary>The bytes.</summary>
    public readonly ReadOnlySpan<byte> Span => _buffer.AsSpan(0, length);

    /// <summary>A copy that outlives the buffer.</summary>
    public readonly byte[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
            claim?.Dispose();
        }
    }
}
