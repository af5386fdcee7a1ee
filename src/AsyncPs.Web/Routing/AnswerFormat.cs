namespace AsyncPs.Web;

/// <summary>The form that objects have in an answer.</summary>
public enum AnswerFormat
{
    /// <summary>JSON.</summary>
    Json,

    /// <summary>Names and values, a line each.</summary>
    Text,

    /// <summary>A page with a table.</summary>
    Html,
}
