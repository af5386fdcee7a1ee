using System.IO.Pipelines;
using System.Net;
using AsyncPs.Web.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AsyncPs.Web.Server;

/// <summary>A server without connections: requests of this process pass through everything that those of a connection do.</summary>
internal sealed class DirectServer : IServer
{
    private Func<IFeatureCollection, Task>? _answer;

    /// <inheritdoc/>
    public IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc/>
    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _answer = async features =>
        {
            TContext context = application.CreateContext(features);
            Exception? failure = null;
            try
            {
                await application.ProcessRequestAsync(context).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = e;
                throw;
            }
            finally
            {
                application.DisposeContext(context, failure);
            }
        };
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>Answers a request.</summary>
    /// <exception cref="IOException">The answer was aborted.</exception>
    public async Task<DirectAnswer> SendAsync(DirectRequest request, CancellationToken cancellationToken)
    {
        var features = new FeatureCollection();
        var body = new MemoryStream();
        var response = new DirectResponse(body);
        var lifetime = new DirectLifetime(cancellationToken);
        features.Set<IHttpRequestFeature>(RequestOf(request));
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(response);
        features.Set<IHttpRequestLifetimeFeature>(lifetime);
        features.Set<IHttpConnectionFeature>(
            new HttpConnectionFeature { RemoteIpAddress = IPAddress.Loopback, LocalIpAddress = IPAddress.Loopback });
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(request.Body.Length > 0));
        await _answer!(features).ConfigureAwait(false);
        await response.CompleteAsync().ConfigureAwait(false);
        return lifetime.IsAborted
            ? throw new IOException("The answer was broken off: the block failed after it had begun to leave.")
            : new DirectAnswer(
                response.StatusCode,
                [.. response.Headers.Select(static header => KeyValuePair.Create(header.Key, Exchange.ListOf(header.Value)))],
                request.Method == "HEAD" ? [] : body.ToArray());
    }

    private static HttpRequestFeature RequestOf(DirectRequest request)
    {
        int query = request.Target.IndexOf('?', StringComparison.Ordinal);
        string path = query < 0 ? request.Target : request.Target[..query];
        var feature = new HttpRequestFeature
        {
            Method = request.Method,
            Protocol = "HTTP/1.1",
            Scheme = "http",
            Path = PathString.FromUriComponent(path).Value!,
            QueryString = query < 0 ? "" : request.Target[query..],
            RawTarget = request.Target,
            Body = new MemoryStream(request.Body),
        };
        foreach ((string name, string value) in request.Headers)
        {
            feature.Headers.Append(name, value);
        }

        if (!feature.Headers.ContainsKey("Host"))
        {
            feature.Headers.Host = "localhost";
        }

        if (request.Body.Length > 0)
        {
            feature.Headers.ContentLength = request.Body.Length;
        }

        return feature;
    }

    private sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;

    private sealed class DirectLifetime(CancellationToken outer) : IHttpRequestLifetimeFeature
    {
        private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        private CancellationToken? _token;

        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get => _token ?? _source.Token; set => _token = value; }

        public void Abort()
        {
            IsAborted = true;
            _source.Cancel();
        }
    }

    private sealed class DirectResponse(MemoryStream body) : IHttpResponseFeature, IHttpResponseBodyFeature
    {
        private readonly List<(Func<object, Task> Callback, object State)> _starting = [];
        private readonly List<(Func<object, Task> Callback, object State)> _completed = [];
        private PipeWriter? _writer;

        public int StatusCode { get; set; } = 200;

        public string? ReasonPhrase { get; set; }

        public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

        Stream IHttpResponseFeature.Body { get => Stream; set => throw new NotSupportedException(); }

        public bool HasStarted { get; private set; }

        public Stream Stream => new StartingStream(this, body);

        public PipeWriter Writer => _writer ??= PipeWriter.Create(Stream, new StreamPipeWriterOptions(leaveOpen: true));

        public void OnStarting(Func<object, Task> callback, object state) => _starting.Add((callback, state));

        public void OnCompleted(Func<object, Task> callback, object state) => _completed.Add((callback, state));

        public void DisableBuffering()
        {
        }

        public async Task StartAsync(CancellationToken cancellationToken = default)
        {
            if (HasStarted)
            {
                return;
            }

            // In reverse order of registration, as in Kestrel. What the callbacks set belongs to the answer.
            for (int i = _starting.Count - 1; i >= 0; i--)
            {
                await _starting[i].Callback(_starting[i].State).ConfigureAwait(false);
            }

            HasStarted = true;
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
            => SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

        public async Task CompleteAsync()
        {
            await StartAsync().ConfigureAwait(false);
            if (_writer is not null)
            {
                await _writer.CompleteAsync().ConfigureAwait(false);
            }

            foreach ((Func<object, Task> callback, object state) in _completed)
            {
                await callback(state).ConfigureAwait(false);
            }

            _completed.Clear();
        }
    }

    private sealed class StartingStream(DirectResponse response, MemoryStream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => response.StartAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await response.StartAsync(cancellationToken).ConfigureAwait(false);
            inner.Write(buffer.Span);
        }
    }
}
