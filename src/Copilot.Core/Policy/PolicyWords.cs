using System.Globalization;
using Copilot.Core.Actions;

namespace Copilot.Core.Policy;

/// <summary>Conditions and durations in the words of people.</summary>
public static class PolicyWords
{
    /// <summary>What a condition asks for, such as "confidence 0.8 or more".</summary>
    public static string Needs(PolicyCondition condition) => condition switch
    {
        EffectCondition effect => effect.Effect switch { ActionEffect.Read => "a kind that reads", ActionEffect.Write => "a kind that writes", _ => "a kind that changes the copilot" },
        ReversibleCondition reversible => reversible.Reversible ? "a reversible kind" : "an irreversible kind",
        FlagCondition flag => $"{PolicyFactNames.Words(flag.FlagFact)} {(flag.Value ? "yes" : "no")}",
        ClosedCondition closed => $"calendar {closed.Calendar} closed",
        RangeCondition range => $"{PolicyFactNames.Words(range.NumberFact)} {Range(range)}",
        TextCondition text => $"{Subject(text)} {Texts(text)}",
        _ => condition.ToString(),
    };

    /// <summary>What a condition must not find, for rules that close: the opposite of <see cref="Needs"/>.</summary>
    public static string Not(PolicyCondition condition) => condition switch
    {
        FlagCondition flag => Needs(flag with { Value = !flag.Value }),
        ReversibleCondition reversible => Needs(reversible with { Reversible = !reversible.Reversible }),
        ClosedCondition closed => $"calendar {closed.Calendar} open",
        TextCondition { Test: TextTest.In } text => Needs(text with { Test = TextTest.NotIn }),
        TextCondition { Test: TextTest.NotIn } text => Needs(text with { Test = TextTest.In }),
        TextCondition text => $"{Subject(text)} not {Texts(text)}",
        RangeCondition { Min: { } min, Max: null } range => $"{PolicyFactNames.Words(range.NumberFact)} below {PolicyFactsMap.Number(min)}",
        RangeCondition { Min: null, Max: { } max } range => $"{PolicyFactNames.Words(range.NumberFact)} above {PolicyFactsMap.Number(max)}",
        _ => $"not {Needs(condition)}",
    };

    public static string All(IEnumerable<PolicyCondition> conditions) => string.Join(" and ", conditions.Select(Needs));

    /// <summary>As policies write it: <c>30m</c>.</summary>
    public static string Time(TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
        $"{(time.Ticks % TimeSpan.TicksPerHour == 0 ? $"{time.TotalHours}h" : time.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{time.TotalMinutes}m" : $"{time.TotalSeconds}s")}");

    private static string Subject(TextCondition text) => text.Label is null ? PolicyFactNames.Words(text.TextFact) : $"{PolicyFactNames.Words(text.TextFact)} {text.Label}";

    private static string Texts(TextCondition text) => text.Test switch
    {
        TextTest.In => string.Join(" or ", text.Texts),
        TextTest.NotIn => $"other than {string.Join(" or ", text.Texts)}",
        _ => $"like {string.Join(" or ", text.Texts)}",
    };

    private static string Range(RangeCondition range) => (range.Min, range.Max) switch
    {
        ({ } min, null) => $"{PolicyFactsMap.Number(min)} or more",
        (null, { } max) => $"at most {PolicyFactsMap.Number(max)}",
        var (min, max) => $"from {PolicyFactsMap.Number(min)} to {PolicyFactsMap.Number(max)}",
    };
}
