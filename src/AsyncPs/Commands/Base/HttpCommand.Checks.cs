using AsyncPs.Http;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Requests;

namespace AsyncPs.Commands.Base;

/// <content>Checks of the parameters.</content>
public abstract partial class HttpCommand
{
    private void CheckParameters(bool hasInput)
    {
        Require(!(Authentication == AuthenticationScheme.Basic && Credential is null), "-Authentication Basic needs -Credential.");
        Require(
            !(Authentication is AuthenticationScheme.Bearer or AuthenticationScheme.OAuth && Token is null),
            $"-Authentication {Authentication} needs -Token.");
        Require(
            Token is null || Authentication is AuthenticationScheme.Bearer or AuthenticationScheme.OAuth,
            "-Token is for -Authentication Bearer or OAuth.");
        Require(new object?[] { Body, Form, InFile }.Count(p => p is not null) < 2, "-Body, -Form and -InFile cannot be used together.");
        Require(WebSession is null || SessionVariable is null, "-WebSession and -SessionVariable cannot be used together.");
        Require(!NoProxy || Proxy is null, "-NoProxy and -Proxy cannot be used together.");
        Require(!FollowRelLink || NextPage is null, "-FollowRelLink and -NextPage cannot be used together.");
        Require(
            FollowRelLink || NextPage is not null || !IsBound(nameof(MaximumFollowRelLink)),
            "-MaximumFollowRelLink is for -FollowRelLink or -NextPage.");
        Require(
            OutFile is null || (!hasInput && Uri is { Length: 1 }),
            "-OutFile is for one request. Use -OutDirectory, or give the input objects a property OutFile.");
        Require(OutFile is null || OutDirectory is null, "-OutFile and -OutDirectory cannot be used together.");
        Require(OutFile is null || (!FollowRelLink && NextPage is null), "-OutFile is for one response, not for pages. Use -OutDirectory.");
        Require(
            !IsBound(nameof(As)) || As == ResponseFormat.Result || (OutFile is null && OutDirectory is null),
            "-As is for a body in memory. Leave it out with -OutFile and -OutDirectory.");
        Require(
            Hedge is null || OutDirectory is null && OutFile is null,
            "-Hedge is not for files: two attempts would write the same one. Leave it out.");
        Require(Credential is null || !UseDefaultCredentials, "-Credential and -UseDefaultCredentials cannot be used together.");
        Require(
            hasInput || !(RequestTemplate.IsBlock(Body) || RequestTemplate.IsBlock(Headers) || Uri?.Any(RequestTemplate.IsBlock) == true),
            "A block as -Uri, -Headers or -Body computes its value from an input object. Pipe some in.");
        if (HttpVersion.Major == 3 && !Http3.IsSupported)
        {
            throw HttpErrors.HttpArgumentInvalid(
                "-HttpVersion 3 needs the library msquic, which .NET has not found on this machine. "
                    + "Install it (libmsquic on Linux), or use -HttpVersion 2.",
                "HttpVersionNotSupported");
        }

        if (!RequestTemplate.IsBlock(Headers) && Headers is not null)
        {
            Require(RequestTemplate.AsFields(Headers) is not null, "-Headers takes a dictionary of names and values.");
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw HttpErrors.HttpArgumentInvalid(message);
        }
    }
}
