using System.Collections;

namespace AsyncPs.Blocks.State;

/// <summary>The content of `$PSBoundParameters` when an item begins. Blocks often remove entries from it.</summary>
internal sealed class ParameterBaseline
{
    private readonly Dictionary<string, object> _parameters;
    private readonly KeyValuePair<string, object>[] _old;
    private IEnumerator _watch;

    /// <summary>Records its content.</summary>
    /// <param name="parameters">The dictionary, or null where there is none.</param>
    public ParameterBaseline(Dictionary<string, object>? parameters)
    {
        _parameters = parameters ?? [];
        _old = [.. _parameters];
        _watch = ((IEnumerable)_parameters).GetEnumerator();
    }

    /// <summary>Whether an item has changed it.</summary>
    public bool HasChanged => _parameters.Count != _old.Length || HasBeenSet;

    /// <summary>Its current content.</summary>
    public KeyValuePair<string, object>[] Current => [.. _parameters];

    /// <summary>Restores what an item has changed.</summary>
    public void Restore()
    {
        if (HasChanged)
        {
            Set(_old);
            _watch = ((IEnumerable)_parameters).GetEnumerator();
        }
    }

    /// <summary>Replaces its content.</summary>
    public void Set(KeyValuePair<string, object>[] values)
    {
        _parameters.Clear();
        foreach ((string name, object value) in values)
        {
            _parameters[name] = value;
        }
    }

    // An enumerator detects it, at a lower cost than comparing the values.
    private bool HasBeenSet
    {
        get
        {
            try
            {
                _watch.Reset();
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }
    }
}
