using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Finds components in the names and values of settings: <c>clients.orders.timeout</c>, <c>ORDERS_ADDR=orders:8080</c>.</summary>
internal static class Naming
{
    /// <summary>Whether a field's path or new value names the component, ignoring case and separators.</summary>
    public static bool Names(FieldChange field, string component)
    {
        var bare = Bare(component);
        return bare.Length >= 3 && (Bare(field.Path).Contains(bare, StringComparison.Ordinal) || (field.New is { Length: <= 300 } value && Bare(value).Contains(bare, StringComparison.Ordinal)));
    }

    /// <summary>Callees of the components that the fields name; a longer name that holds a shorter one wins.</summary>
    public static List<string> NamedCallees(ServiceMap map, IEnumerable<string> callers, IReadOnlyList<FieldChange> fields)
    {
        var named = callers.SelectMany(c => map.Callees[c]).Distinct().Where(callee => fields.Any(f => Names(f, callee))).ToList();
        return [.. named.Where(n => !named.Exists(o => o.Length > n.Length && Bare(o).Contains(Bare(n), StringComparison.Ordinal))).Order(StringComparer.Ordinal)];
    }

    private static string Bare(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
