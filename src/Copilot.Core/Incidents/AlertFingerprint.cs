using System.Text;

namespace Copilot.Core.Incidents;

/// <summary>
/// Identifies an alert by its labels as Prometheus and Alertmanager do: 64-bit FNV-1a over the labels in the order of their names, each name and value followed
/// by the byte 0xFF (<c>LabelSet.Fingerprint</c> in github.com/prometheus/common, model/signature.go). An alert thus has one identity whichever way it came.
/// </summary>
public static class AlertFingerprint
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;
    private const byte Separator = 0xFF;

    /// <summary>16 lower-case hexadecimal digits.</summary>
    public static string Of(IReadOnlyDictionary<string, string> labels)
    {
        var hash = Offset;
        foreach (var (name, value) in labels.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            Add(name);
            Add(value);
        }
        return $"{hash:x16}";

        void Add(string text)
        {
            foreach (var b in Encoding.UTF8.GetBytes(text)) hash = (hash ^ b) * Prime;
            hash = (hash ^ Separator) * Prime;
        }
    }

    public static bool IsOne(string text) => text.Length == 16 && text.All(char.IsAsciiHexDigitLower);
}
