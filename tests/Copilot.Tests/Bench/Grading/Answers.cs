using Copilot.Bench.Grading;
using Copilot.Bench.Truths;
using Copilot.Core.Diagnoses;
using Copilot.Engine.Investigations;

namespace Copilot.Tests.Bench.Grading;

/// <summary>Answers that are only names, and what they score.</summary>
internal static class Answers
{
    public static EngineAnswer Of(params IEnumerable<string> names)
    {
        var causes = names.Select(n => new NamedCause(n, Mechanism: null, Confidence: null)).ToList();
        return new(causes.Count == 0 ? DiagnosisStatus.NoIncident : DiagnosisStatus.Resolved, causes, [.. causes.Select((c, i) => new RankedEntity(c.Name, -i))]);
    }

    public static CaseScore Grade(GroundTruth truth, params IEnumerable<string> names) => Grader.Grade(truth, [], Of(names));

    /// <summary>The score of names by the label that lies in or below a folder.</summary>
    public static double Score(string folder, params IEnumerable<string> names) =>
        Grade(ItBenchTruth.Load(Directory.GetFiles(folder, "ground_truth.yaml", SearchOption.AllDirectories).Single()), names).Score;
}
