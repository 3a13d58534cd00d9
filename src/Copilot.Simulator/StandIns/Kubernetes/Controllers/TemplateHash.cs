using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Names and compares pod templates. The hash is FNV-1a as the controllers use it, over canonical JSON instead of Go's own dump, so the names differ from those of a real cluster.</summary>
internal static class TemplateHash
{
    public const string Label = "pod-template-hash";
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(JsonNode? template, int collisions = 0)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(template.Canonical() + (collisions > 0 ? collisions.ToString(CultureInfo.InvariantCulture) : ""))) hash = (hash ^ b) * 16777619u;
        // Vowels and figures that look like them are avoided, so that no name is a word.
        return string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(c => Alphabet[c % Alphabet.Length]));
    }

    /// <summary>Whether two templates are the same but for the hash label.</summary>
    public static bool Same(JsonNode? a, JsonNode? b) => JsonRead.Same(Bare(a), Bare(b));

    private static JsonNode? Bare(JsonNode? template)
    {
        var copy = template?.DeepClone();
        (copy.At("metadata", "labels") as JsonObject)?.Remove(Label);
        if (copy.At("metadata") is JsonObject meta && meta["creationTimestamp"] is null) meta.Remove("creationTimestamp");
        if (copy.At("metadata", "labels") is JsonObject { Count: 0 }) (copy.At("metadata") as JsonObject)?.Remove("labels");
        return copy;
    }
}
