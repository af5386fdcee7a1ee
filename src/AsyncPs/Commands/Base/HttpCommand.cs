using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Http;
using AsyncPs.Http.Paging;
using AsyncPs.Http.Requests;
using AsyncPs.Http.Responses;

namespace AsyncPs.Commands.Base;

/// <summary>
/// The base of cmdlets that send requests. The parameters have the names and meanings of Invoke-WebRequest. The properties of each input
/// object describe a request.
/// </summary>
public abstract partial class HttpCommand : ConcurrentCommand
{
    /// <summary>The name of the parameter set of requests.</summary>
    private protected const string UriSet = "Uri";

    /// <summary>How many requests run at the same time by default.</summary>
    private protected const int DefaultRequests = 64;

    private RequestBuilder? _builder;
    private object?[]? _uris;
    private bool _hasInput;

    /// <summary>Whether any parameter was given that applies only to requests.</summary>
    private bool AsksForRequests
        => MyInvocation.BoundParameters.Keys.Any(typeof(HttpCommand)
            .GetProperties(
                System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance
                    | System.Reflection.BindingFlags.DeclaredOnly)
            .Select(p => p.Name).Contains);

    /// <summary>Reads the parameters.</summary>
    /// <param name="hasInput">Whether input objects will come.</param>
    /// <exception cref="ConcurrentArgumentException">A parameter is wrong.</exception>
    private protected HttpJob OpenRequests(bool hasInput)
    {
        _hasInput = hasInput;
        _uris = Uri;
        if (_uris is null && !hasInput)
        {
            throw new ConcurrentArgumentException(ParameterErrors.NothingToRun());
        }

        CheckParameters(hasInput);
        HttpSession session = ReadSession();
        _builder = new RequestBuilder(CreateTemplate(session));
        return new HttpJob(CreateOptions(session));
    }

    /// <summary>Adds the requests of an input object, or, without input, the requests of the URIs.</summary>
    private protected async CommandStep AddRequestsAsync(object? input)
    {
        foreach (ItemInput item in MakeRequests(input))
        {
            await AddAsync(item.Input, item.Work);
        }
    }

    /// <summary>Creates the requests of an input object, or, without input, the requests of the URIs.</summary>
    private protected IEnumerable<ItemInput> MakeRequests(object? input)
    {
        var item = new InputObject(input);
        if (_uris is not null)
        {
            return _uris.Select(uri => MakeRequest(item.Evaluate, uri, _hasInput ? input : null, item));
        }

        if (item.Uri is null && Call.Added == 0 && !AsksForRequests)
        {
            // No parameter mentions requests, so it is the block that is missing.
            ThrowTerminatingError(ParameterErrors.NothingToRun());
        }

        return [MakeRequest(static (uri, _) => uri, item.Uri, input, item)];
    }

    private ItemInput MakeRequest(Func<object?, object?[], object?> evaluate, object? uri, object? input, InputObject item)
    {
        HttpWork work;
        try
        {
            uri = evaluate(uri, []);
            work = uri is null
                ? new HttpWork { Failure = HttpErrors.HttpUriMissing() }
                : new HttpWork { Request = _builder!.Build(uri, item) };
        }
        catch (HttpCallException e)
        {
            work = new HttpWork { Failure = e };
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            work = new HttpWork { Failure = HttpErrors.HttpRequestBlockFailed(e) };
        }

        return new ItemInput(ShownInput(input ?? uri, work), work);
    }

    // Errors and results show the input, and a password in a URI must not be visible there.
    private static object? ShownInput(object? input, HttpWork work)
        => PSObjectExtensions.UnwrapUnlessCustom(input) switch
        {
            string text when text.Contains('@', StringComparison.Ordinal) => work.Request?.Uri.AbsoluteUri ?? Uris.Show(text),
            Uri { IsAbsoluteUri: true, UserInfo.Length: > 0 } uri => Uris.WithoutUserInfo(uri),
            _ => input,
        };

    private HttpCallOptions CreateOptions(HttpSession session)
    {
        bool streams = As is ResponseFormat.Lines or ResponseFormat.ServerSentEvents;
        return new HttpCallOptions
        {
            As = As,
            Version = HttpVersion,
            MaximumRedirection = MaximumRedirection,
            AllowsInsecureRedirect = AllowInsecureRedirect,
            KeepsMethodOnRedirect = PreserveHttpMethodOnRedirect,
            SkipsErrorCheck = SkipHttpErrorCheck,
            ConnectionTimeout = Seconds(ConnectionTimeoutSeconds),
            OperationTimeout = streams && !IsBound(nameof(OperationTimeoutSeconds)) ? null : Seconds(OperationTimeoutSeconds),
            MaximumResponseSize = MaximumResponseSize,
            Memory = new MemoryBudget(IsBound(nameof(MaximumTotalSize))
                ? MaximumTotalSize
                : Math.Max(MaximumTotalSize, MaximumResponseSize)),
            Cookies = session.Cookies,
            Files = OpenFiles(),
            NextPage = NextPage is not null ? new NextPageBlock(CreateItemBlock(NextPage)) : FollowRelLink ? new RelationLinks() : null,
            MaximumPages = MaximumFollowRelLink,
            Connections = CreateConnectionSettings(),
        };
    }
}
