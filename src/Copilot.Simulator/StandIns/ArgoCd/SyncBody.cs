using System.Text.Json;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>What is used of the body of a sync or a rollback.</summary>
internal sealed record SyncBody(string? Revision = null, bool DryRun = false, bool Prune = false, IReadOnlyList<JsonElement>? Resources = null, IReadOnlyList<string>? Manifests = null, string? Project = null, string? AppNamespace = null, long Id = 0)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <exception cref="RefusedRequestException">It is no JSON, or of another shape.</exception>
    public static SyncBody Parse(string text)
    {
        if (text.Length == 0) return new();
        try
        {
            return JsonSerializer.Deserialize<SyncBody>(text, Options) ?? new();
        }
        catch (JsonException e)
        {
            throw ArgoCdErrors.InvalidArgument($"invalid request body at line {(e.LineNumber ?? 0) + 1}, column {(e.BytePositionInLine ?? 0) + 1}");
        }
    }
}
