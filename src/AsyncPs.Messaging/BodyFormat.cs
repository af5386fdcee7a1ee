namespace AsyncPs.Messaging;

/// <summary>What the body of a message is read as.</summary>
public enum BodyFormat
{
    /// <summary>As its content type says: JSON and text; bytes where it says something else or nothing.</summary>
    Auto,

    /// <summary>JSON, as objects.</summary>
    Json,

    /// <summary>Text in UTF-8.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Bytes,
}
