using Copilot.Configuration;

namespace Copilot.UseCases;

/// <summary>What of the settings of approvals cannot be.</summary>
internal static class ApprovalSettings
{
    private const string Path = $"{CopilotOptions.Section}:Approvals";

    /// <summary>What production is called.</summary>
    private static readonly string[] Production = ["prod", "production", "live"];

    /// <summary>All mistakes, each in a sentence that names the key.</summary>
    public static IEnumerable<string> Mistakes(ApprovalOptions options)
    {
        if (options.LowAssuranceIn.FirstOrDefault(e => Production.Contains(e.Trim(), StringComparer.OrdinalIgnoreCase)) is { } production)
            yield return $"{Path}:LowAssuranceIn names {production}. In production a vote is signed with the voter's own key; leave it out.";
        if (options.Notify.Length > 0 && CommandWords.Of(options.Notify).Length == 0) yield return $"{Path}:Notify names no program.";
    }
}
