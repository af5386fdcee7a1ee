using System.Net;
using AsyncPs.Resilience;

namespace AsyncPs.Http;

/// <summary>A request that failed, or whose response has an error status. Its text holds no secrets.</summary>
public sealed class HttpCallException : Exception, IContainsErrorRecord, IRetryHint
{
    private readonly string _id;
    private readonly ErrorCategory _category;
    private readonly bool _isTransient;

    internal HttpCallException(string id, ErrorCategory category, string message, Exception? inner)
        : base(message, inner)
    {
        _id = id;
        _category = category;
    }

    /// <summary>The requested URI, without user name and password; null if it is invalid.</summary>
    public Uri? Uri { get; internal init; }

    /// <summary>The response, as far as it was read; null if there was none.</summary>
    public HttpResult? Response { get; internal init; }

    /// <summary>The status of the response; null if there was none.</summary>
    public HttpStatusCode? StatusCode => Response?.StatusCode;

    /// <summary>
    /// Whether the same request may succeed later: after failed connections, time-outs, and 408, 429, 500, 502, 503 and 504, if the method
    /// may be repeated.
    /// </summary>
    public bool IsTransient
    {
        get => _isTransient && MayRepeat;
        internal init => _isTransient = value;
    }

    /// <summary>Whether nothing of a response was handed on, so that the request can be repeated.</summary>
    internal bool MayRepeat { get; set; } = true;

    bool IRetryHint.MayRepeat => MayRepeat;

    /// <summary>How long the server asked to wait (Retry-After); null if it did not.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>The error, with id and category.</summary>
    public ErrorRecord ErrorRecord
    {
        get
        {
            var record = new ErrorRecord(this, _id, _category, Uri);
            if (Uri is not null)
            {
                // The name of an input object could show a secret.
                record.CategoryInfo.TargetName = Requests.Uris.Show(Uri);
            }

            return record;
        }
    }
}
