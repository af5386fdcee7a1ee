namespace AsyncPs.Web;

/// <summary>Where the value of a route's parameter comes from.</summary>
public enum ParameterSource
{
    /// <summary>The path.</summary>
    Path,

    /// <summary>The query.</summary>
    Query,

    /// <summary>A header.</summary>
    Header,

    /// <summary>A cookie.</summary>
    Cookie,

    /// <summary>A property of the body's JSON, a field of its form, or the query.</summary>
    Body,

    /// <summary>The whole body.</summary>
    WholeBody,
}
