using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Copilot.Bench.Datasets;

/// <summary>Which cases are looked at while working, which check the result, and which are kept aside until the end.</summary>
public static class Splits
{
    public const string Dev = "dev";
    public const string Test = "test";
    public const string Holdout = "holdout";

    public static IReadOnlyList<string> Names { get; } = [Dev, Test, Holdout];

    /// <summary>
    /// Half of the groups to dev, a quarter each to test and holdout, by a hash of the group's name: a case that is added later moves no other, and variants
    /// of one case are never on two sides.
    /// </summary>
    public static string Of(string dataset, string group) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{dataset}\n{group}"))) % 4) switch { 0 or 1 => Dev, 2 => Test, _ => Holdout };
}
