using System.Buffers;

namespace AsyncPs.Http.Responses;

/// <summary>A body in a buffer that goes back to the pool.</summary>
internal struct PooledBody(byte[] buffer, int length) : IDisposable
{
    private byte[]? _buffer = buffer;

    /// <summary>The bytes.</summary>
    public readonly ReadOnlySpan<byte> Span => _buffer.AsSpan(0, length);

    /// <summary>A copy that stays.</summary>
    public readonly byte[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
