using System.Globalization;
using System.Text.RegularExpressions;

namespace Copilot.Simulator.StandIns.Tempo;

internal enum TraceQlType
{
    Nil,
    Attribute,
    Integer,
    Float,
    Duration,
    Text,
    Boolean,
    Status,
    Kind,
}

/// <summary>A value in a query, or of a span.</summary>
/// <param name="Text">Of texts, states and kinds.</param>
/// <param name="Number">Of numbers the number, of durations nanoseconds, of true 1.</param>
internal readonly record struct TraceQlValue(TraceQlType Type, string Text = "", double Number = 0)
{
    public static TraceQlValue Of(bool value) => new(TraceQlType.Boolean, Number: value ? 1 : 0);

    public bool IsTrue => Type == TraceQlType.Boolean && Number > 0;

    public bool IsNumber => Type is TraceQlType.Integer or TraceQlType.Float or TraceQlType.Duration;

    /// <summary>As Tempo prints it in errors.</summary>
    public override string ToString() => Type switch
    {
        TraceQlType.Nil => "nil",
        TraceQlType.Text => $"`{Text}`",
        TraceQlType.Boolean => IsTrue ? "true" : "false",
        TraceQlType.Duration => GoText.Duration((long)Number),
        TraceQlType.Integer or TraceQlType.Float => Number.ToString(CultureInfo.InvariantCulture),
        _ => Text,
    };
}

/// <summary>Something that has a value for each span.</summary>
internal abstract record TraceQlField
{
    /// <summary>In brackets where it stands inside of another one.</summary>
    public string Inner => this is TraceQlBinary or TraceQlNot ? $"({this})" : $"{this}";
}

internal sealed record TraceQlStatic(TraceQlValue Value) : TraceQlField
{
    public override string ToString() => Value.ToString();
}

/// <param name="Scope">span, resource, or empty for both.</param>
internal sealed record TraceQlAttribute(string Scope, string Name) : TraceQlField
{
    public override string ToString() => $"{Scope}.{Name}";
}

/// <param name="Name">Without its scope, such as duration; see <see cref="TraceQlTokens.Intrinsics"/>.</param>
/// <param name="Written">As it stands in the query.</param>
internal sealed record TraceQlIntrinsic(string Name, TraceQlType Type, string Written) : TraceQlField
{
    public override string ToString() => Written;
}

internal sealed record TraceQlNot(TraceQlField Operand) : TraceQlField
{
    public override string ToString() => $"!{Operand.Inner}";
}

/// <param name="Operator">One of &amp;&amp; || = != > >= &lt; &lt;= =~ !~.</param>
/// <param name="Pattern">Of the last two, anchored.</param>
internal sealed record TraceQlBinary(string Operator, TraceQlField Left, TraceQlField Right, Regex? Pattern) : TraceQlField
{
    public override string ToString() => $"{Left.Inner} {Operator} {Right.Inner}";
}

/// <summary>Something that selects spans of a trace.</summary>
internal abstract record TraceQlSpanset;

internal sealed record TraceQlFilter(TraceQlField Condition) : TraceQlSpanset;

/// <param name="Operator">One of &amp;&amp; || > >> &lt; &lt;&lt; ~.</param>
internal sealed record TraceQlCombination(string Operator, TraceQlSpanset Left, TraceQlSpanset Right) : TraceQlSpanset;

/// <summary>Stages, each on the spans that the one before it left over.</summary>
internal sealed record TraceQlPipeline(IReadOnlyList<TraceQlStage> Stages) : TraceQlSpanset;

internal abstract record TraceQlStage;

internal sealed record TraceQlSelection(TraceQlSpanset Spanset) : TraceQlStage;

/// <param name="Function">count, avg, min, max or sum.</param>
/// <param name="Field">Null for count.</param>
internal sealed record TraceQlAggregate(string Function, TraceQlField? Field, string Operator, TraceQlValue Value) : TraceQlStage;

/// <summary>Attributes that the answer shows besides those that the query compares.</summary>
internal sealed record TraceQlSelect(IReadOnlyList<TraceQlField> Fields) : TraceQlStage;

/// <param name="Shown">What is compared or selected anywhere, each once: the answer shows it of each span.</param>
/// <param name="MostRecent">The hint of that name.</param>
internal sealed record TraceQlQuery(TraceQlPipeline Pipeline, IReadOnlyList<TraceQlField> Shown, bool MostRecent);
