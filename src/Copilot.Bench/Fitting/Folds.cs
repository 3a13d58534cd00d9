using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Copilot.Bench.Fitting;

/// <summary>Parts of the cases, each of which is once kept aside. Cases of one group are never in two.</summary>
public static class Folds
{
    /// <summary>The part of each case, from 0; -1 for a case without a group, which is never kept aside.</summary>
    /// <param name="groups">Of each case; null for one that does not tell.</param>
    /// <param name="count">How many parts.</param>
    /// <param name="seed">Another gives other parts.</param>
    public static IReadOnlyList<int> Of(IReadOnlyList<string?> groups, int count, int seed)
    {
        // The largest first, each to the part that has least so far; among equals a hash of the name decides, so that the order of the cases does not matter.
        var sizes = new int[count];
        var folds = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var group in groups.OfType<string>().GroupBy(g => g, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => Hash(seed, g.Key)).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            var fold = Array.IndexOf(sizes, sizes.Min());
            folds[group.Key] = fold;
            sizes[fold] += group.Count();
        }
        return [.. groups.Select(g => g is null ? -1 : folds[g])];
    }

    private static ulong Hash(int seed, string group) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}\n{group}"))));
}
