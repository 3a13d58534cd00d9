using System.Globalization;
using System.Text;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>Judges the names that an archive gives to its entries. A name is foreign text: it may aim outside, or at the terminal.</summary>
internal static class EntryName
{
    /// <summary>What common file systems allow for one part of a path.</summary>
    private const int MaxPartBytes = 255;

    private const int MaxShown = 160;

    private static readonly HashSet<string> WindowsDevices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    };

    /// <summary>Turns an entry's name into a path relative to the destination.</summary>
    /// <param name="path">Parts joined by single slashes; empty for the destination itself.</param>
    /// <returns>Why the name is not used; null when it is good.</returns>
    public static string? Clean(string name, out string path)
    {
        path = "";
        if (name.Length == 0) return "it has no name";
        foreach (var c in name)
        {
            if (c == '\\') return "its name holds a backslash";
            if (char.IsControl(c)) return "its name holds a control character";
        }
        if (name[0] == '/') return "its name is an absolute path";
        if (name.Length > 1 && char.IsAsciiLetter(name[0]) && name[1] == ':') return "its name begins with a drive letter";
        var parts = new List<string>();
        foreach (var part in name.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part == "..") return "its name leads out of the archive's own folder";
            if (Encoding.UTF8.GetByteCount(part) > MaxPartBytes)
                return $"a part of its name is longer than the {MaxPartBytes} bytes that file systems allow";
            if (OperatingSystem.IsWindows() && !FitsWindows(part)) return "Windows does not allow its name";
            parts.Add(part);
        }
        path = string.Join('/', parts);
        return null;
    }

    /// <summary>The name with nothing in it that could steer a terminal or disguise what follows.</summary>
    public static string Shown(string name)
    {
        var text = new StringBuilder(Math.Min(name.Length, MaxShown) + 8);
        foreach (var rune in name.EnumerateRunes())
        {
            if (text.Length >= MaxShown)
            {
                text.Append('…');
                break;
            }
            // A lone surrogate arrives here as U+FFFD already.
            if (Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                text.Append($"\\u{{{rune.Value:x}}}");
            else
                text.Append(rune.ToString());
        }
        return text.Length == 0 ? "(no name)" : text.ToString();
    }

    private static bool FitsWindows(string part)
    {
        // Windows drops a trailing dot or space, and takes NUL.txt for the device.
        var stem = part.Split('.')[0].TrimEnd();
        return part.IndexOfAny(Path.GetInvalidFileNameChars()) < 0 && part[^1] is not ('.' or ' ') && !WindowsDevices.Contains(stem);
    }
}
