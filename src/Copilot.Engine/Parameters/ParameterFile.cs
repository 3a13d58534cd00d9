using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Copilot.Core.Analysis;
using Copilot.Engine.Yaml;

namespace Copilot.Engine.Parameters;

/// <summary>The parameters of the analysis as a file, which <c>copilot bench fit</c> writes and the product carries.</summary>
/// <param name="Origin">Where they come from, in words: for a fit the command, the data and its version.</param>
public sealed record ParameterFile(string Origin, AnalysisParameters Parameters)
{
    public const string SchemaId = "copilot-parameters/1";

    private const double MostNats = 20;

    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Those that the product goes by.</summary>
    public static ParameterFile Shipped { get; } = ReadShipped();

    /// <param name="file">The name that faults are reported under.</param>
    /// <exception cref="FileFaultException">A name is unknown, missing or twice, or a value is out of its range.</exception>
    public static ParameterFile Parse(string file, ReadOnlySpan<byte> bytes)
    {
        Content? content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(bytes, Strict);
        }
        catch (JsonException e)
        {
            throw new FileFaultException($"{file} cannot be used as parameters: {e.Message} Write it anew with copilot bench fit.", e);
        }
        if (content is null || content.Schema != SchemaId) throw new FileFaultException($"{file} has the schema {content?.Schema ?? "null"}, and {SchemaId} is needed. Write it anew with copilot bench fit.");
        var faults = Faults(content.Parameters).ToList();
        if (faults.Count > 0) throw new FileFaultException($"{file} cannot be used as parameters: {string.Join("; ", faults)}. Write it anew with copilot bench fit.");
        return new(content.Origin, content.Parameters);
    }

    public byte[] Write() => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Content(SchemaId, Origin, Parameters), Strict) + "\n");

    /// <summary>What is outside of its range. A chance of 0 or a slope that falls would make scores that nothing can be told from.</summary>
    private static IEnumerable<string> Faults(AnalysisParameters p)
    {
        var (priors, confidence) = (p.Priors, p.Confidence);
        return Outside(1e-4, 1,
                (p.Background, "background"), (p.Explains, "explains"), (p.UnreachableBySetting, "unreachableBySetting"), (p.NamedCallee, "namedCallee"), (p.Flooded, "flooded"), (p.OnlyThisCaller, "onlyThisCaller"), (p.Consumer, "consumer"), (p.Waiting, "waiting"),
                (p.AlertNear, "alertNear"), (p.AlertSameNamespace, "alertSameNamespace"), (p.AlertsOnly, "alertsOnly"))
            .Concat(Outside(0, 1, (p.ProfileBlend, "profileBlend"), (p.LeastFurtherShare, "leastFurtherShare"), (p.LeastFurtherSeverity, "leastFurtherSeverity")))
            .Concat(Outside(0, 1e4, (p.PromptMinutes, "promptMinutes"), (p.ImmediateMinutes, "immediateMinutes")))
            .Concat(Outside(0, MostNats,
                (p.SymptomWeight, "symptomWeight"), (p.SupportWeight, "supportWeight"), (p.PerLateMinute, "perLateMinute"), (p.PerLateImmediate, "perLateImmediate"), (p.FurtherCoverage, "furtherCoverage"), (p.MostLate, "mostLate"), (p.PerEarlyMinute, "perEarlyMinute"), (p.MostEarly, "mostEarly"),
                (p.UnknownTime, "unknownTime"), (p.ProfileExponent, "profileExponent")))
            .Concat(Outside(-MostNats, MostNats,
                (p.Unexplained, "unexplained"), (p.LeastFurtherScore, "leastFurtherScore"), (p.LeastInferredScore, "leastInferredScore"), (priors.Change, "priors.change"), (priors.Controller, "priors.controller"), (priors.ByProduct, "priors.byProduct"),
                (priors.Harmless, "priors.harmless"), (priors.Chaos, "priors.chaos"), (priors.StatedByCluster, "priors.statedByCluster"), (priors.StatedIndirectly, "priors.statedIndirectly"),
                (priors.RuntimeDependency, "priors.runtimeDependency"), (priors.RuntimeService, "priors.runtimeService"), (priors.Newcomer, "priors.newcomer"),
                (confidence.Intercept, "confidence.intercept"), (confidence.Inferred, "confidence.inferred"), (confidence.Further, "confidence.further"), (confidence.Unexplained, "confidence.unexplained")))
            .Concat(Outside(1e-3, MostNats, (confidence.Slope, "confidence.slope")))
            .Concat(Outside(1, 10, (p.MostCauses, "mostCauses")));
    }

    private static IEnumerable<string> Outside(double low, double high, params (double Value, string Name)[] values) =>
        values.Where(v => !(v.Value >= low && v.Value <= high)).Select(v => FormattableString.Invariant($"{v.Name} is {v.Value} and must be from {low} to {high}"));

    private static ParameterFile ReadShipped()
    {
        const string Name = "parameters.json";
        using var stream = typeof(ParameterFile).Assembly.GetManifestResourceStream(Name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Parse(Name, bytes);
    }

    private sealed record Content(string Schema, string Origin, AnalysisParameters Parameters);
}
