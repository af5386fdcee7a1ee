using System.Management.Automation;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

/// <summary>A session with <c>$base</c> and the other addresses of a test server.</summary>
public abstract class HttpTest : IClassFixture<TestServer>, IDisposable
{
    private TempFolder? _folder;

    protected HttpTest(TestServer server)
    {
        Server = server;
        Session.Set("base", server.Base);
        Session.Set("other", server.Other);
        Session.Set("h2", server.Http2);
        Session.Set("https", server.Https);
    }

    protected TestServer Server { get; }

    protected ModuleSession Session { get; } = new();

    /// <summary>For files.</summary>
    protected TempFolder Folder => _folder ??= new TempFolder();

    public virtual void Dispose()
    {
        Session.Dispose();
        _folder?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a script that writes one object without errors.</summary>
    protected async Task<dynamic> OneAsync(string script)
    {
        ScriptRun run = await Session.RunAsync(script);
        Assert.Empty(run.Errors);
        return new Fields(Assert.Single(run.Records));
    }

    /// <summary>Runs a script that fails with one error and writes nothing.</summary>
    protected async Task<ErrorRecord> ErrorAsync(string script)
    {
        ScriptRun run = await Session.RunAsync(script);
        Assert.Empty(run.Output);
        return Assert.Single(run.Errors);
    }

    /// <summary>Properties as scripts see them.</summary>
    private sealed class Fields(PSObject source) : System.Dynamic.DynamicObject
    {
        public override bool TryGetMember(System.Dynamic.GetMemberBinder binder, out object? result)
        {
            result = Wrap(source.Properties[binder.Name]?.Value);
            return true;
        }

        public override bool TryGetIndex(System.Dynamic.GetIndexBinder binder, object[] indexes, out object? result)
        {
            result = Wrap(source.Properties[(string)indexes[0]]?.Value);
            return true;
        }

        private static object? Wrap(object? value) => value is PSObject { BaseObject: PSCustomObject } rich ? new Fields(rich)
            : value is PSObject wrapped ? wrapped.BaseObject : value;
    }
}
