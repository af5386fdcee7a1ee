using System.Threading.RateLimiting;
using AsyncPs.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace AsyncPs.Web.Server;

/// <summary>The parts that a request passes through before it reaches its endpoint.</summary>
internal static class RequestPipeline
{
    // The interval of pings on a web socket, and the time to answer one.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    // As long as it may be read, the framework makes an activity and a scope for each request.
    private const string RequestLog = "Microsoft.AspNetCore.Hosting.Diagnostics";

    // Media types of streams are not included, because each part must arrive at once.
    private static readonly string[] Compressible =
    [
        "text/plain", "text/html", "text/css", "text/xml", "text/csv", "text/markdown", "text/javascript", "application/javascript",
        "application/json", "application/problem+json",
        "application/xml", "image/svg+xml", "application/wasm",
    ];

    /// <summary>Adds the services that the parts need.</summary>
    public static void AddServices(IServiceCollection services, ServerOptions options)
    {
        services.AddRouting();
        services.AddSingleton<ILoggerProvider>(new FailureLog(options.Failed));
        services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Error).AddFilter(RequestLog, LogLevel.None));
        if (options.AllowedHosts.Count > 0)
        {
            services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = [.. options.AllowedHosts]);
        }

        if (options.CorsOrigins.Count > 0)
        {
            services.AddCors(cors => cors.AddDefaultPolicy(policy => Allow(policy, options.CorsOrigins)));
        }

        if (options.Compresses)
        {
            services.AddResponseCompression(static compression =>
            {
                compression.EnableForHttps = false;
                compression.MimeTypes = Compressible;
                compression.Providers.Add<BrotliCompressionProvider>();
                compression.Providers.Add<GzipCompressionProvider>();
            });
        }

        if (options.RateLimit is { } perSecond)
        {
            services.AddRateLimiter(limiter => Limit(limiter, perSecond));
        }
    }

    /// <summary>Adds the parts in order.</summary>
    public static void Build(WebApplication app, ServerOptions options, IReadOnlyList<WebEndpoint> endpoints)
    {
        var outermost = new Outermost(options);
        app.Use(outermost.HandleAsync);
        if (options.AllowedHosts.Count > 0)
        {
            app.UseHostFiltering();
        }

        if (options.Compresses)
        {
            app.UseResponseCompression();
        }

        if (options.CorsOrigins.Count > 0)
        {
            app.UseCors();
        }

        if (options.RateLimit is not null)
        {
            app.UseRateLimiter();
        }

        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KeepAlive, KeepAliveTimeout = KeepAlive });
        app.UseRouting();
        foreach (WebEndpoint endpoint in endpoints)
        {
            Map(app, endpoint);
        }
    }

    private static void Map(WebApplication app, WebEndpoint endpoint)
    {
        RequestDelegate? files = endpoint.Folder is { } folder ? FolderOf(app, endpoint, folder) : null;
        app.MapMethods(
            PatternOf(app, endpoint),
            endpoint.Methods,
            context =>
            {
                if (endpoint.MaximumBodySize is { } most
                    && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                {
                    limit.MaxRequestBodySize = most;
                }

                return endpoint.Handle(new Exchange(context, files));
            }).WithDisplayName(endpoint.Name ?? endpoint.Template);
    }

    private static string PatternOf(WebApplication app, WebEndpoint endpoint)
    {
        try
        {
            RoutePattern pattern = RoutePatternFactory.Parse(endpoint.Template);

            // The framework would report an unknown constraint only at the first request.
            ParameterPolicyFactory policies = app.Services.GetRequiredService<ParameterPolicyFactory>();
            foreach (RoutePatternParameterPart part in pattern.Parameters)
            {
                foreach (RoutePatternParameterPolicyReference policy in part.ParameterPolicies)
                {
                    _ = policies.Create(part, policy);
                }
            }

            return pattern.RawText!;
        }
        catch (Exception e) when (e is RoutePatternException or InvalidOperationException or RouteCreationException)
        {
            throw WebErrors.PathInvalid(endpoint.Template, e.Message.TrimEnd('.'));
        }
    }

    // The framework's file server handles ranges and entity tags, and never leaves the folder.
    private static RequestDelegate FolderOf(WebApplication app, WebEndpoint endpoint, string folder)
    {
        string prefix = endpoint.Template[..endpoint.Template.IndexOf("/{", StringComparison.Ordinal)];
        var provider = new PhysicalFileProvider(folder, Microsoft.Extensions.FileProviders.Physical.ExclusionFilters.Sensitive);
        IApplicationBuilder branch = ((IApplicationBuilder)app).New();
        branch.UseDefaultFiles(
            new DefaultFilesOptions { FileProvider = provider, RequestPath = prefix, DefaultFileNames = ["index.html"] });
        branch.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = provider,
            RequestPath = prefix,
            ServeUnknownFileTypes = true,
            ContentTypeProvider = MediaTypes.Provider,
        });
        branch.Run(static context =>
        {
            context.Items[Exchange.NoFile] = true;
            return Task.CompletedTask;
        });
        return branch.Build();
    }

    private static void Allow(CorsPolicyBuilder policy, IReadOnlyList<string> origins)
    {
        if (origins.Contains("*"))
        {
            policy.AllowAnyOrigin();
        }
        else
        {
            policy.WithOrigins([.. origins]);
        }

        policy.AllowAnyHeader().AllowAnyMethod().SetPreflightMaxAge(TimeSpan.FromMinutes(10));
    }

    private static void Limit(Microsoft.AspNetCore.RateLimiting.RateLimiterOptions limiter, double perSecond)
    {
        TimeSpan period = TimeSpan.FromSeconds(Math.Max(0.1, 1 / perSecond));
        int tokens = Math.Max(1, (int)Math.Round(perSecond * period.TotalSeconds));
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = static (rejected, _) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = "1";
            return default;
        };
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(1, (int)Math.Ceiling(perSecond)),
                TokensPerPeriod = tokens,
                ReplenishmentPeriod = period,
                QueueLimit = 0,
            }));
    }
}
