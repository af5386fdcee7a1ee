namespace AsyncPs.Remote.Closures;

/// <summary>
/// The keys of the data about a call that is sent to another process. It consists of tables, lists, strings and numbers only, which arrive
/// unchanged.
/// </summary>
internal static class TravelKeys
{
    // Keys of the whole.
    public const string Blocks = "Blocks";
    public const string Initialization = "Initialization";
    public const string Finalization = "Finalization";
    public const string ItemInitialization = "ItemInitialization";
    public const string EndsAtErrors = "EndsAtErrors";
    public const string Arguments = "Arguments";
    public const string NoCapture = "NoCapture";
    public const string NoAwait = "NoAwait";
    public const string UseNewRunspace = "UseNewRunspace";
    public const string Imports = "Imports";
    public const string Shown = "Shown";
    public const string Homes = "Homes";
    public const string Variables = "Variables";
    public const string Globals = "Globals";
    public const string OwnVariables = "OwnVariables";
    public const string Functions = "Functions";
    public const string OwnFunctions = "OwnFunctions";
    public const string Aliases = "Aliases";
    public const string Preferences = "Preferences";
    public const string StrictMode = "StrictMode";
    public const string Location = "Location";
    public const string KeepsLocation = "KeepsLocation";
    public const string Culture = "Culture";
    public const string UICulture = "UICulture";
    public const string StopGrace = "StopGrace";
    public const string Environment = "Environment";
    public const string OwnEnvironment = "OwnEnvironment";
    public const string Beat = "Beat";
    public const string OpensLong = "OpensLong";
    public const string Copies = "Copies";
    public const string Bytes = "Bytes";

    // Keys of a piece of code, a module or a function.
    public const string Text = "Text";
    public const string File = "File";
    public const string Line = "Line";
    public const string Column = "Column";
    public const string Nested = "Nested";
    public const string Usings = "Usings";
    public const string Home = "Home";
    public const string Name = "Name";
    public const string Block = "Block";
    public const string Path = "Path";
    public const string Version = "Version";
    public const string Changed = "Changed";
    public const string NestedPath = "NestedPath";
    public const string Import = "Import";

    // Keys of a value that would not arrive unchanged, and is recreated.
    public const string Kind = "\u0001AsyncPs";
    public const string Value = "Value";
    public const string Keys = "Keys";
    public const string Type = "Type";
}

/// <summary>What a value is recreated from.</summary>
internal enum TravelKind
{
    /// <summary>The text of a script block.</summary>
    Block,

    /// <summary>The name of a function.</summary>
    Function,

    /// <summary>A list, and the type of the array.</summary>
    Array,

    /// <summary>Keys and values in order.</summary>
    Ordered,

    /// <summary>A table whose values are recreated.</summary>
    Table,

    /// <summary>A string, and the type to cast it to.</summary>
    Cast,

    /// <summary>The name of a type.</summary>
    Type,
}
