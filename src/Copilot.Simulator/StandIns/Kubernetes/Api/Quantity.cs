using System.Globalization;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Amounts such as <c>250m</c>, <c>64Mi</c> and <c>2</c> (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).</summary>
internal static class Quantity
{
    public const string Rule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m), ("Ei", 1152921504606846976m),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m), ("P", 1000000000000000m), ("E", 1000000000000000000m),
    ];

    public static decimal? Parse(string text)
    {
        foreach (var (suffix, factor) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.Number & ~NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number))
                return number < 79228162514264m ? number * factor : null;
        }
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain) ? plain : null;
    }

    /// <summary>The sum of a resource over the containers of a pod.</summary>
    public static decimal Requested(System.Text.Json.Nodes.JsonNode? podSpec, string resource) =>
        Storage.JsonRead.Items(podSpec, "containers").Sum(c => Parse(Storage.JsonRead.Text(c, "resources", "requests", resource)) ?? Parse(Storage.JsonRead.Text(c, "resources", "limits", resource)) ?? 0);
}
