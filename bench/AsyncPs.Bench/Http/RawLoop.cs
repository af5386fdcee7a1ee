using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace AsyncPs.Bench.Http;

/// <summary>
/// The equivalent in C#: loops over one <see cref="HttpClient"/>, as many as are in flight, that send the same requests and give the same
/// objects.
/// </summary>
internal static class RawLoop
{
    private static readonly HttpClient Http1 = Create(HttpVersion.Version11);
    private static readonly HttpClient Http2 = Create(HttpVersion.Version20);

    /// <summary>Requests every URI once over HTTP/1.1; in microseconds per request.</summary>
    public static double OverHttp1(string[] uris, int inFlight) => Measure(Http1, uris, inFlight);

    /// <summary>Requests every URI once over HTTP/2 without TLS; in microseconds per request.</summary>
    public static double OverHttp2(string[] uris, int inFlight) => Measure(Http2, uris, inFlight);

    private static HttpClient Create(Version version)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            EnableMultipleHttp2Connections = true,
        })
        {
            DefaultRequestVersion = version,
            DefaultVersionPolicy = version == HttpVersion.Version20
                ? HttpVersionPolicy.RequestVersionExact
                : HttpVersionPolicy.RequestVersionOrLower,
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("AsyncPs");
        return client;
    }

    private static double Measure(HttpClient client, string[] uris, int inFlight)
    {
        long start = Stopwatch.GetTimestamp();
        var results = new RawResult[uris.Length];
        int next = -1;
        Task.WaitAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < uris.Length; i = Interlocked.Increment(ref next))
            {
                long sentAt = Stopwatch.GetTimestamp();
                var uri = new Uri(uris[i]);
                using HttpResponseMessage response = await client.GetAsync(uri);
                byte[] content = await response.Content.ReadAsByteArrayAsync();
                results[i] = new RawResult(
                    uri,
                    response.StatusCode,
                    response.ReasonPhrase,
                    response.Version,
                    response.Headers,
                    response.Content.Headers,
                    content,
                    Stopwatch.GetElapsedTime(sentAt));
            }
        })).ToArray());
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / uris.Length;
    }

    private sealed record RawResult(
        Uri Uri,
        HttpStatusCode StatusCode,
        string? ReasonPhrase,
        Version Version,
        HttpResponseHeaders Headers,
        HttpContentHeaders ContentHeaders,
        byte[] Content,
        TimeSpan Elapsed);
}
