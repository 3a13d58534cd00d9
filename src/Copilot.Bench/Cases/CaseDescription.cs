using Copilot.Bench.Truths;

namespace Copilot.Bench.Cases;

/// <summary>What <c>case.yaml</c> says about a case, beside the evidence.</summary>
/// <param name="Id">Distinct within its suite; good for a folder's name.</param>
/// <param name="Question">What an on-call engineer would ask or be told, without giving anything away.</param>
/// <param name="Application">The application that it happened to, for tables by application.</param>
/// <param name="Group">Cases of one group are variants of each other and stay on one side of a split.</param>
/// <param name="Tags">For choosing among cases and for tables.</param>
/// <param name="Truth">The right answer.</param>
/// <param name="Forbidden">Entities that an answer must not name, such as decoys put there on purpose.</param>
/// <param name="Budget">How long an engine may take.</param>
public sealed record CaseDescription(
    string Id, string Question, string Application, string Group, IReadOnlyList<string> Tags, GroundTruth Truth, IReadOnlyList<EntityPattern> Forbidden, TimeSpan Budget, Provenance Provenance)
{
    public static readonly TimeSpan UsualBudget = TimeSpan.FromMinutes(5);
}

/// <summary>Where a case comes from.</summary>
/// <param name="Format">The importer's name, such as <c>nezha</c>; <c>simulated</c> for a recipe.</param>
/// <param name="Source">What was read, as people name it.</param>
/// <param name="Licence">Of the data; empty when unknown.</param>
public sealed record Provenance(string Format, string Source, string Licence);
