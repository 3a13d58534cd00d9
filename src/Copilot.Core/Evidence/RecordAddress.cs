using System.Globalization;

namespace Copilot.Core.Evidence;

/// <summary>
/// The address of one record of a snapshot, written <c>file#n</c>: the file's path inside the snapshot with forward slashes,
/// and the number of the record in that file, from 1. A record is a data row of a TSV file (the header is not counted), an
/// element of the array or list that a JSON file holds, or a line of a text log. It never changes, because a snapshot does not.
/// </summary>
public readonly record struct RecordAddress(string File, long Record) : IComparable<RecordAddress>
{
    /// <summary>Reads the written form; false when the number is missing or not positive.</summary>
    public static bool TryParse(string text, out RecordAddress address)
    {
        var at = text.LastIndexOf('#');
        address = default;
        if (at <= 0 || !long.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var record) || record < 1)
            return false;
        address = new(text[..at], record);
        return true;
    }

    public override string ToString() => $"{File}#{Record}";

    public int CompareTo(RecordAddress other)
    {
        var byFile = string.CompareOrdinal(File, other.File);
        return byFile != 0 ? byFile : Record.CompareTo(other.Record);
    }

    public static bool operator <(RecordAddress left, RecordAddress right) => left.CompareTo(right) < 0;

    public static bool operator >(RecordAddress left, RecordAddress right) => left.CompareTo(right) > 0;

    public static bool operator <=(RecordAddress left, RecordAddress right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RecordAddress left, RecordAddress right) => left.CompareTo(right) >= 0;
}
