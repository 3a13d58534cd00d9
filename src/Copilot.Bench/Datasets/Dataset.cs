using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Copilot.Bench.Datasets;

/// <summary>
/// A list of cases by digest. The draft may change; a published version never does, so that scores stay comparable. Each version says what changed since the
/// one before.
/// </summary>
/// <param name="Version">From 1; 0 for the draft.</param>
/// <param name="Cases">Ordered by id.</param>
/// <param name="Changes">Of all versions up to this, oldest first; empty in a draft that was never published.</param>
public sealed record Dataset(string Name, int Version, IReadOnlyList<DatasetCase> Cases, IReadOnlyList<DatasetChange> Changes)
{
    /// <summary>SHA-256 over a line for each case: id, digest and split with two spaces between, in ordinal order of the ids, each ended by a line feed.</summary>
    public string Digest => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Concat(Cases.OrderBy(c => c.Id, StringComparer.Ordinal).Select(c => $"{c.Id}  {c.Digest}  {c.Split}\n")))));

    /// <summary>As people name it: <c>simulated v3</c>, <c>simulated draft</c>.</summary>
    public string Title => Version == 0 ? $"{Name} draft" : $"{Name} v{Version.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>What became of the cases since an earlier list.</summary>
    public DatasetChange ChangeSince(Dataset? earlier, DateTimeOffset at, string note)
    {
        var before = earlier?.Cases.ToDictionary(c => c.Id) ?? [];
        var now = Cases.ToDictionary(c => c.Id);
        return new(
            (earlier?.Version ?? 0) + 1, at, note, [.. now.Keys.Except(before.Keys).Order(StringComparer.Ordinal)], [.. before.Keys.Except(now.Keys).Order(StringComparer.Ordinal)],
            [.. now.Values.Where(c => before.TryGetValue(c.Id, out var old) && (old.Digest != c.Digest || old.Split != c.Split)).Select(c => c.Id).Order(StringComparer.Ordinal)]);
    }
}

/// <summary>One case of a data set. Exactly one of <paramref name="Path"/> and <paramref name="Recipes"/> is set.</summary>
/// <param name="Path">The folder of the case, relative to the data set's.</param>
/// <param name="Recipes">The recipe file that has a case of this id, relative to the data set's folder.</param>
/// <param name="Digest">Of its files.</param>
/// <param name="Split">One of <see cref="Splits.Names"/>.</param>
public sealed record DatasetCase(string Id, string? Path, string? Recipes, string Digest, string Split);

/// <summary>An entry of the change log.</summary>
/// <param name="Changed">Other files, or another split.</param>
public sealed record DatasetChange(int Version, DateTimeOffset At, string Note, IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Changed);
