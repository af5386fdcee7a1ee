namespace AsyncPs.Data.Queries;

/// <summary>What becomes of an execution.</summary>
internal enum QueryOutput
{
    /// <summary>Its rows, those of all result sets one after the other.</summary>
    Rows,

    /// <summary>The first value of the first row.</summary>
    Scalar,

    /// <summary>How many rows it has changed.</summary>
    Count,
}
