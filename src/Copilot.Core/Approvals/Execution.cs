using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>What an executor has done of a request, as far as it said so.</summary>
/// <param name="Attempt">The executor's own name for it.</param>
/// <param name="Fence">What it says under another one does not count.</param>
/// <param name="Until">When it must have said how the next step went.</param>
/// <param name="Steps">In the order in which they were reported.</param>
/// <param name="DoneAt">When the last step was reported; null before.</param>
/// <param name="Worked">Whether it helped, as a person says of what probes cannot see; null before.</param>
public sealed record Execution(
    string Executor, string Attempt, int Fence, DateTimeOffset At, DateTimeOffset Until, IReadOnlyList<StepRun> Steps, DateTimeOffset? DoneAt = null, bool? Worked = null, string? WorkedBy = null)
{
    /// <summary>The numbers of the steps that changed something, as far as is known.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> Changed => [.. Steps.Where(s => s.Outcome is StepReport.Applied or StepReport.TookEffect).Select(s => s.Step).Distinct()];
}

/// <param name="Step">Its place in the plan, from 0.</param>
/// <param name="Outcome">One of those of <see cref="StepReport"/>.</param>
public sealed record StepRun(int Step, string Outcome, string Says, DateTimeOffset At);

/// <summary>How one step went, signed by the executor. Each names the one before it, of whatever request, so that none can be left out of what an executor did.</summary>
/// <param name="Step">Its place in the plan, from 0.</param>
/// <param name="At">By the executor's clock.</param>
/// <param name="Prev"><c>sha256:</c> and the hash of what the executor signed before; <c>none</c> for its first.</param>
/// <param name="Uid">Of the object; null when it was not seen.</param>
/// <param name="ResourceVersion">Of the object after the step; null when it was not seen.</param>
/// <param name="Signature">Of the executor's key over <see cref="Bytes"/>, base64.</param>
public sealed record StepReport(int Step, string Outcome, DateTimeOffset At, string Prev, string? Uid, string? ResourceVersion, string Signature)
{
    /// <summary>The API server took the change.</summary>
    public const string Applied = "applied";

    /// <summary>It was so already, and nothing was sent.</summary>
    public const string Already = "already";

    /// <summary>The API server did not take it, or it could not be asked for. Nothing was changed.</summary>
    public const string Refused = "refused";

    /// <summary>The world is not the one that was approved. Nothing was changed.</summary>
    public const string Drifted = "drifted";

    /// <summary>It may have been changed or not.</summary>
    public const string Unknown = "unknown";

    /// <summary>Found afterwards: the object is as the step would have left it.</summary>
    public const string TookEffect = "took_effect";

    /// <summary>Found afterwards: the object is as it was before.</summary>
    public const string DidNot = "did_not";

    /// <summary>Every outcome of a step that is carried out.</summary>
    public static readonly IReadOnlyList<string> Outcomes = [Applied, Already, Refused, Drifted, Unknown];

    /// <summary>Every outcome of a look at it afterwards.</summary>
    public static readonly IReadOnlyList<string> Findings = [TookEffect, DidNot, Unknown];

    /// <summary>What is signed: canonical JSON (RFC 8785) of everything but the signature, led by a line of its own.</summary>
    public byte[] Bytes(string executor, string request, int fence) => [.. "copilot-step/1\n"u8, .. CanonicalJson.Serialize(new JsonObject
    {
        ["executor"] = executor,
        ["request"] = request,
        ["fence"] = fence,
        ["step"] = Step,
        ["outcome"] = Outcome,
        ["at"] = ApprovalJson.Time(At),
        ["prev"] = Prev,
        ["uid"] = Uid,
        ["resource_version"] = ResourceVersion,
    })];
}
