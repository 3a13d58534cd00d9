namespace Copilot.Core.Analysis;

/// <summary>
/// The parameters of the analysis: log likelihoods in nats, probabilities and times; none is about one application. The product's are fitted by
/// <c>copilot bench fit</c> and lie in a file (docs/evaluation.md); <see cref="HandSet"/> is what the fit starts from and is drawn to.
/// </summary>
public sealed record AnalysisParameters
{
    /// <summary>The chance of a symptom at a place that a cause does not act on: something else did it.</summary>
    public required double Background { get; init; }

    /// <summary>How much all symptoms together weigh against time and prior.</summary>
    public required double SymptomWeight { get; init; }

    /// <summary>How much further evidence weighs, as a factor on its log odds.</summary>
    public required double SupportWeight { get; init; }

    /// <summary>Causes act at once or within a few minutes: no loss up to this delay.</summary>
    public required double PromptMinutes { get; init; }

    /// <summary>Loss for each further minute between cause and onset.</summary>
    public required double PerLateMinute { get; init; }

    /// <summary>The same for what acts as soon as it is there, as a closed port does (<see cref="MechanismProfiles.IsImmediate"/>): no loss up to this delay.</summary>
    public required double ImmediateMinutes { get; init; }

    public required double PerLateImmediate { get; init; }

    /// <summary>Most that a long delay costs: slow leaks exist.</summary>
    public required double MostLate { get; init; }

    /// <summary>Loss for each minute that the cause comes after the onset, beyond the onset's own uncertainty.</summary>
    public required double PerEarlyMinute { get; init; }

    public required double MostEarly { get; init; }

    /// <summary>Loss when the time of the cause could be known and is not.</summary>
    public required double UnknownTime { get; init; }

    /// <summary>The score that "none of these" has.</summary>
    public required double Unexplained { get; init; }

    /// <summary>A symptom counts as explained by a cause that makes it at least this likely.</summary>
    public required double Explains { get; init; }

    /// <summary>What a further cause must explain by itself: a share of all symptoms.</summary>
    public required double LeastFurtherShare { get; init; }

    /// <summary>How bad the worst of that must be: what suffers a little may suffer from the first cause on ways that were not recorded.</summary>
    public required double LeastFurtherSeverity { get; init; }

    /// <summary>The score that a further cause must reach by what is left for it to explain.</summary>
    public required double LeastFurtherScore { get; init; }

    /// <summary>The same for one that no recorded event is behind, only that a service fails by itself: victims look like that.</summary>
    public required double LeastInferredScore { get; init; }

    /// <summary>What a further cause loses, times the logarithm of the share of what is left that it explains.</summary>
    public required double FurtherCoverage { get; init; }

    /// <summary>Most causes of one incident.</summary>
    public required int MostCauses { get; init; }

    /// <summary>How much less likely a changed setting of the caller is when the callee, known by name, cannot be reached, or is one of several and not named.</summary>
    public required double UnreachableBySetting { get; init; }

    /// <summary>Trouble inside a callee that a changed setting of its caller names: it is asked differently, or given up on earlier.</summary>
    public required double NamedCallee { get; init; }

    /// <summary>Trouble in anything that a source of too many requests calls, directly or through others.</summary>
    public required double Flooded { get; init; }

    /// <summary>Trouble of a component whose calls to others a cause breaks: what waits piles up.</summary>
    public required double Waiting { get; init; }

    /// <summary>Errors of those that call what was changed, and only then fail by themselves: they cannot use what it answers now.</summary>
    public required double Consumer { get; init; }

    /// <summary>Errors of a callee that only one of its callers gets, when that caller was changed.</summary>
    public required double OnlyThisCaller { get; init; }

    /// <summary>An alert about the component that a cause acts on.</summary>
    public required double AlertNear { get; init; }

    /// <summary>An alert about another one in the same namespace, where no calls are recorded.</summary>
    public required double AlertSameNamespace { get; init; }

    /// <summary>What all alerts together weigh where they are the only symptoms: they flap, and they name victims.</summary>
    public required double AlertsOnly { get; init; }

    /// <summary>The exponent of the probabilities of <see cref="MechanismProfiles"/>: above 1 they tell mechanisms apart more sharply.</summary>
    public required double ProfileExponent { get; init; }

    /// <summary>How much of the unspecific profile is mixed into that of each mechanism, 0 to 1; 1 makes all mechanisms the same.</summary>
    public required double ProfileBlend { get; init; }

    public required PriorWeights Priors { get; init; }

    public required ConfidenceMap Confidence { get; init; }

    /// <summary>Set by judgement.</summary>
    public static AnalysisParameters HandSet { get; } = new()
    {
        Background = 0.02,
        SymptomWeight = 3,
        SupportWeight = 1,
        PromptMinutes = 4,
        PerLateMinute = 0.25,
        ImmediateMinutes = 1.5,
        PerLateImmediate = 0.8,
        MostLate = 4,
        PerEarlyMinute = 2.5,
        MostEarly = 12,
        UnknownTime = 1.5,
        Unexplained = 4.5,
        Explains = 0.3,
        LeastFurtherShare = 0.015,
        LeastFurtherSeverity = 0.15,
        LeastFurtherScore = 6.5,
        LeastInferredScore = 10,
        FurtherCoverage = 1.5,
        MostCauses = 4,
        UnreachableBySetting = 0.35,
        NamedCallee = 0.55,
        Flooded = 0.6,
        OnlyThisCaller = 0.5,
        Consumer = 0.35,
        Waiting = 0.5,
        AlertNear = 0.8,
        AlertSameNamespace = 0.35,
        AlertsOnly = 0.6,
        ProfileExponent = 1,
        ProfileBlend = 0,
        Priors = new()
        {
            Change = 0,
            Controller = -3,
            ByProduct = -4,
            Harmless = -8,
            Chaos = 1,
            StatedByCluster = 0.5,
            StatedIndirectly = -0.5,
            RuntimeDependency = -2.5,
            RuntimeService = -3.5,
            Newcomer = -2,
        },
        Confidence = ConfidenceMap.Raw,
    };

    /// <summary>How likely a kind of symptom is, given what the profile of the mechanism says of it.</summary>
    /// <param name="specific">Of the mechanism.</param>
    /// <param name="unspecific">Of no mechanism in particular.</param>
    internal double Chance(double specific, double unspecific)
    {
        var chance = ProfileBlend > 0 ? ((1 - ProfileBlend) * specific) + (ProfileBlend * unspecific) : specific;
        return ProfileExponent.Equals(1) ? chance : Math.Pow(chance, ProfileExponent);
    }
}
