using System.Buffers;
using System.Text;

namespace AsyncPs.Http.Responses;

/// <summary>Reads the lines of a body as they arrive. A line ends with CR, LF or both, and is returned at the first of them.</summary>
internal sealed class LineSplitter(Exchange exchange) : IDisposable
{
    private const int BufferSize = 16 * 1024;
    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(BufferSize);
    private readonly StringBuilder _line = new();
    private readonly MemoryClaim _claim = new(exchange);
    private char[] _chars = [];
    private Decoder? _decoder;
    private int _next;
    private int _count;
    private bool _afterReturn;
    private bool _ended;

    /// <summary>The next line, or null at the end.</summary>
    /// <exception cref="HttpCallException">The line is too large.</exception>
    public async ValueTask<string?> ReadAsync()
    {
        while (true)
        {
            if (TryTake() is { } line)
            {
                return line;
            }

            if (_ended || !await FillAsync().ConfigureAwait(false))
            {
                _ended = true;
                return _line.Length > 0 ? TakeLine([]) : null;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _claim.Dispose();
    }

    private string? TryTake()
    {
        if (_afterReturn && _next < _count)
        {
            _afterReturn = false;
            _next += _chars[_next] == '\n' ? 1 : 0;
        }

        ReadOnlySpan<char> rest = _chars.AsSpan(_next, _count - _next);
        int end = rest.IndexOfAny('\r', '\n');
        if (end >= 0)
        {
            _afterReturn = rest[end] == '\r';
            _next += end + 1;
            return TakeLine(rest[..end]);
        }

        _line.Append(rest);
        _next = _count;
        _claim.Resize((long)_line.Length * sizeof(char));
        return _line.Length > exchange.MaximumSize
            ? throw HttpErrors.HttpResponseTooLarge(exchange.Request, exchange.MaximumSize, exchange.Result(), "line")
            : null;
    }

    private string TakeLine(ReadOnlySpan<char> rest)
    {
        if (_line.Length == 0)
        {
            return rest.ToString();
        }

        string line = _line.Append(rest).ToString();
        _line.Clear();
        _claim.Resize(0);
        return line;
    }

    private async ValueTask<bool> FillAsync()
    {
        int read = await exchange.ReadAsync(_bytes).ConfigureAwait(false);
        if (_decoder is null)
        {
            int more = read;
            while (more > 0 && Charsets.NeedsMore(_bytes.AsSpan(0, read), exchange.ContentType))
            {
                more = await exchange.ReadAsync(_bytes.AsMemory(read)).ConfigureAwait(false);
                read += more;
            }

            Encoding encoding = Charsets.Of(_bytes.AsSpan(0, read), exchange.ContentType, out int preamble);
            _decoder = encoding.GetDecoder();
            _chars = new char[encoding.GetMaxCharCount(_bytes.Length)];
            _count = _decoder.GetChars(_bytes.AsSpan(preamble, read - preamble), _chars, flush: false);
        }
        else
        {
            _count = _decoder.GetChars(_bytes.AsSpan(0, read), _chars, flush: read == 0);
        }

        _next = 0;
        return read > 0 || _count > 0;
    }
}
