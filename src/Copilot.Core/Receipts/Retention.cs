namespace Copilot.Core.Receipts;

/// <summary>For how long a committed value is kept; the receipt itself stays for ever.</summary>
public enum Retention
{
    /// <summary>What a source answered.</summary>
    Result,

    /// <summary>What was asked, or delivered.</summary>
    Argument,

    /// <summary>What a decision rests on.</summary>
    Decision,
}

/// <summary>A value that receipts of a type may commit to.</summary>
internal readonly record struct CommittedField(string Pointer, Retention Retention);

public static class RetentionNames
{
    private static readonly string[] Names = ["result", "argument", "decision"];

    /// <summary>The name that is stored.</summary>
    public static string Name(this Retention retention) => Names[(int)retention];
}
