namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>Which types may meet in a comparison (pkg/traceql of Tempo: ast_validate.go, enum_operators.go).</summary>
internal static class TraceQlTypes
{
    /// <summary><see cref="TraceQlType.Attribute"/> when only the span tells.</summary>
    public static TraceQlType Of(TraceQlField field) => field switch
    {
        TraceQlStatic value => value.Value.Type,
        TraceQlIntrinsic intrinsic => intrinsic.Type,
        TraceQlAttribute => TraceQlType.Attribute,
        _ => TraceQlType.Boolean,
    };

    /// <exception cref="RefusedRequestException">400: the operands do not fit.</exception>
    public static void Check(TraceQlBinary binary)
    {
        var (left, right) = (Of(binary.Left), Of(binary.Right));
        var matching = left == right || left is TraceQlType.Attribute or TraceQlType.Nil || right is TraceQlType.Attribute or TraceQlType.Nil || (IsNumber(left) && IsNumber(right));
        if (!matching) throw TempoRefusal.Senseless($"binary operations must operate on the same type: {binary}");
        if ((left == TraceQlType.Nil || right == TraceQlType.Nil) && binary.Operator == "=") throw TempoRefusal.NotAnswered("comparisons with nil by =");
        if (!Allows(binary.Operator, left) || !Allows(binary.Operator, right)) throw TempoRefusal.Senseless($"illegal operation for the given types: {binary}");
    }

    private static bool Allows(string operation, TraceQlType type) => type switch
    {
        TraceQlType.Attribute => true,
        TraceQlType.Boolean => operation is "=" or "!=" or "&&" or "||",
        TraceQlType.Text => operation is not ("&&" or "||"),
        TraceQlType.Nil or TraceQlType.Status or TraceQlType.Kind => operation is "=" or "!=",
        _ => operation is not ("&&" or "||" or "=~" or "!~"),
    };

    private static bool IsNumber(TraceQlType type) => type is TraceQlType.Integer or TraceQlType.Float or TraceQlType.Duration;
}
