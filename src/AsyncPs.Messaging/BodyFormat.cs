namespace AsyncPs.Messaging;

/// <summary>The format in which the body of a message is read.</summary>
public enum BodyFormat
{
    /// <summary>According to its content type: JSON and text; bytes for anything else or none.</summary>
    Auto,

    /// <summary>JSON, as objects.</summary>
    Json,

    /// <summary>Text in UTF-8.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Bytes,
}
