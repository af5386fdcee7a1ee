namespace AsyncPs.Web;

/// <summary>The form of objects in an answer.</summary>
public enum AnswerFormat
{
    /// <summary>JSON.</summary>
    Json,

    /// <summary>Names and values, one per line.</summary>
    Text,

    /// <summary>A page with a table.</summary>
    Html,
}
