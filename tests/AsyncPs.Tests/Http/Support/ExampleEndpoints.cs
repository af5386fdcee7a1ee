using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AsyncPs.Tests.Http.Support;

/// <summary>
/// The servers of the examples: an API with pages, a site with links and sitemaps, and endpoints that receive data.
/// </summary>
public sealed class ExampleEndpoints(TestServer server)
{
    private readonly ConcurrentDictionary<string, bool> _asked = new();

    /// <summary>The bodies that were posted to `/ingest`.</summary>
    public ConcurrentQueue<string> Ingested { get; } = [];

    public void Map(WebApplication app)
    {
        app.MapPost("/ingest", async (HttpContext c) =>
        {
            using var reader = new StreamReader(c.Request.Body);
            Ingested.Enqueue(await reader.ReadToEndAsync());
        });
        app.MapPut("/outbox/{name}", (string name) => Results.StatusCode(_asked.TryAdd(name, true) ? 503 : 200));
        app.MapGet("/api/items", (HttpContext c, int? page) =>
        {
            int first = ((page ?? 1) * 3) - 2;
            string next = page == 5 ? "null" : $"\"items?page={(page ?? 1) + 1}\"";
            c.Response.ContentType = "application/json";
            return c.Response.WriteAsync($"{{\"items\":[{first},{first + 1},{first + 2}],\"next\":{next}}}");
        });
        app.MapGet("/site/{page}", (HttpContext c, string page) =>
        {
            c.Response.ContentType = "text/html; charset=utf-8";
            c.Response.StatusCode = page == "gone" ? 404 : 200;
            return c.Response.WriteAsync(page switch
            {
                "home"
                    => "<p><a href='a'>A</a> <A class=\"x\" HREF=\"b?x=1&amp;y=2#part\">B</A> <a href='home#top'>top</a> <a "
                        + "href='mailto:nobody'>mail</a></p>",
                "a" => $"<a href='/site/b?x=1&y=2'>again</a><a href='{server.Other}/site/home'>another host</a><a href=\"c\">C</a>",
                "b" => "<a href='gone'>gone</a><a href='home'>back</a>",
                _ => "<p>nothing</p>",
            });
        });
        app.MapGet("/sitemap/{name}", (HttpContext c, string name) =>
        {
            const string Namespace = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";
            c.Response.ContentType = "application/xml";
            return c.Response.WriteAsync(name == "index.xml"
                ? $"<?xml version=\"1.0\"?><sitemapindex {Namespace}><sitemap><loc>{server.Base}/sitemap/1.xml</loc></sitemap>"
                    + $"<sitemap><loc>{server.Base}/sitemap/2.xml</loc></sitemap></sitemapindex>"
                : $"<?xml version=\"1.0\"?><urlset {Namespace}><url><loc>{server.Base}/echo/{name[0]}</loc></url></urlset>");
        });
    }
}
