namespace AsyncPs.Data.Queries;

/// <summary>What an execution writes.</summary>
internal enum QueryOutput
{
    /// <summary>Its rows, from all result sets one after another.</summary>
    Rows,

    /// <summary>The first value of the first row.</summary>
    Scalar,

    /// <summary>The number of changed rows.</summary>
    Count,
}
