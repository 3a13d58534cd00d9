using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Copilot.Core.Actions;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Runbooks;

/// <summary>One file: a front matter in strict YAML between two lines of three dashes, and a body in Markdown.</summary>
internal sealed partial class RunbookFile
{
    public const int MaxBytes = 64 << 10;
    public const int MaxDescription = 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly TimeSpan MaxSoak = TimeSpan.FromHours(24);
    private static readonly string[] Keys = ["name", "description", "mechanisms", "preconditions", "actions", "risk", "rollback", "verification", "soak"];

    // Faults of the whole file, such as broken YAML, after which there is nothing more to read in it.
    private readonly List<string> _faults = [];

    private RunbookFile(string path) => (Path, Reader) = (path, new YamlReader(path));

    public string Path { get; }

    public YamlReader Reader { get; }

    /// <summary>Null when there is any fault.</summary>
    public Runbook? Runbook { get; private set; }

    /// <summary>The mechanisms it claims, with their places, even when something else is wrong.</summary>
    public IReadOnlyList<YamlScalar> Claims { get; private set; } = [];

    public IReadOnlyList<string> Faults => [.. _faults, .. Reader.Faults];

    /// <param name="folder">The name of the folder it lies in, which must be its own.</param>
    public static RunbookFile Read(string path, string folder, IReadOnlyList<string> mechanisms)
    {
        var file = new RunbookFile(path);
        try
        {
            if (!File.Exists(path)) throw new FileFaultException(StrictYaml.Words(path, 1, "the file does not exist", $"Write {RunbookLoader.FileName} there, or take the folder away."));
            file.Parse(Decode(path, StrictYaml.ReadBytes(path)), folder, mechanisms);
        }
        catch (FileFaultException e)
        {
            file._faults.AddRange(e.Faults);
        }
        return file;
    }

    private static string Decode(string path, byte[] bytes)
    {
        if (bytes.Length > MaxBytes) throw Broken(path, 1, $"longer than {MaxBytes >> 10} KiB", "A runbook is for reading under pressure: shorten it.");
        try
        {
            return Utf8.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw Broken(path, 1 + bytes.AsSpan(0, Math.Max(0, e.Index)).Count((byte)'\n'), "the bytes are no UTF-8", "Save the file as UTF-8.");
        }
    }

    private void Parse(string text, string folder, IReadOnlyList<string> mechanisms)
    {
        var lines = text.Split('\n').Select(l => l.TrimEnd('\r')).ToList();
        if (lines[0].TrimEnd() != "---") throw Broken(Path, 1, "the file does not begin with ---", "Begin with the front matter: a line of three dashes, the keys, another line of three dashes.");
        var end = lines.FindIndex(1, l => l.TrimEnd() == "---");
        if (end < 0) throw Broken(Path, lines.Count, "the front matter has no end", "Close it with a line of three dashes.");

        CheckBody(lines, end + 1);
        // An empty line in the place of the dashes keeps the line numbers of the file.
        var front = Reader.Map(StrictYaml.Parse(Path, '\n' + string.Join('\n', lines[1..end]) + '\n'), "the front matter", Keys);
        if (front is null) return;
        var name = Name(front.Need("name"), folder);
        var description = Description(front.Need("description"));
        Claims = Words(front, "mechanisms", mechanisms, atLeastOne: true);
        var preconditions = Words(front, "preconditions", [.. RunbookPrecondition.All.Select(p => p.Name)], atLeastOne: false);
        var actions = Words(front, "actions", [.. ActionKind.All.Where(k => k != ActionKind.Delete).Select(k => k.Name)], atLeastOne: false);
        var risk = Reader.OneOf(front.Need("risk"), "risk", "low", "medium", "high");
        var rollback = Reader.Text(front.Need("rollback"), "rollback");
        var verification = Words(front, "verification", [.. RunbookVerification.All.Select(v => v.Name)], atLeastOne: true);
        var soak = Soak(front.Need("soak"));
        if (Reader.Faulty) return;
        Runbook = new(
            name!,
            description!,
            [.. Claims.Select(c => c.Text)],
            [.. preconditions.Select(p => RunbookVocabulary.Precondition(p.Text)!)],
            [.. actions.Select(a => ActionKind.Find(a.Text)!)],
            Enum.Parse<RunbookRisk>(risk!, ignoreCase: true),
            rollback!,
            [.. verification.Select(v => RunbookVocabulary.Verification(v.Text)!)],
            soak!.Value,
            string.Join('\n', lines[(end + 1)..]).Trim('\n') + '\n',
            Path);
    }

    private string? Name(YamlValue? value, string folder)
    {
        if (Reader.Text(value, "name") is not { } name) return null;
        if (name.Length > 64 || !NameForm().IsMatch(name)) Reader.Fault(value!, $"name is {name}", "Write up to 64 small letters, digits and single hyphens.");
        else if (name != folder) Reader.Fault(value!, $"name is {name}, and the folder is {folder}", "Make them the same.");
        return name;
    }

    private string? Description(YamlValue? value)
    {
        var text = Reader.Text(value, "description");
        if (text?.Length > MaxDescription) Reader.Fault(value!, $"description has {text.Length} characters", $"Write at most {MaxDescription}.");
        return text;
    }

    private TimeSpan? Soak(YamlValue? value)
    {
        var soak = Reader.Duration(value, "soak");
        if (soak > MaxSoak) Reader.Fault(value!, "soak is longer than a day", "Write at most 24h.");
        return soak;
    }

    /// <summary>The words of a list that are known; a fault for each of the others and for one written twice.</summary>
    private List<YamlScalar> Words(YamlFields front, string key, IReadOnlyList<string> known, bool atLeastOne)
    {
        var words = new List<YamlScalar>();
        if (front.Need(key) is not { } value) return words;
        var items = Reader.List(value, key);
        if (atLeastOne && value is YamlList { Items.Count: 0 }) Reader.Fault(value, $"{key} is empty", $"Name at least one of {string.Join(", ", known)}.");
        foreach (var item in items)
        {
            if (key == "actions" && item is YamlScalar scalar && scalar.Text == ActionKind.Delete.Name)
                Reader.Fault(item, $"{scalar.Text} is always prohibited", "Take it out, and say in the body whom to call.");
            else if (Reader.OneOf(item, $"a word of {key}", known) is { } word && words.Exists(w => w.Text == word))
                Reader.Fault(item, $"{word} stands twice in {key}", "Keep one.");
            else if (item is YamlScalar good && known.Contains(good.Text))
                words.Add(good);
        }
        return words;
    }

    /// <summary>All sections must be there with something in them, and nothing hidden in what people copy commands from.</summary>
    private void CheckBody(List<string> lines, int start)
    {
        var filled = new Dictionary<string, (int Line, bool Text)>(StringComparer.Ordinal);
        var (section, fenced) = ("", false);
        for (var i = start; i < lines.Count; i++)
        {
            var line = lines[i];
            if (line.EnumerateRunes().Any(IsHidden)) FaultAt(i + 1, "a hidden or broken character", "Take it out.");
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal)) fenced = !fenced;
            else if (!fenced && line.StartsWith("## ", StringComparison.Ordinal)) filled.TryAdd(section = line[3..].Trim(), (i + 1, false));
            else if (section.Length > 0 && !string.IsNullOrWhiteSpace(line)) filled[section] = (filled[section].Line, true);
        }
        if (fenced) FaultAt(lines.Count, "a code block has no end", "Close it with a line of three backticks.");
        foreach (var wanted in RunbookVocabulary.Sections)
        {
            if (!filled.TryGetValue(wanted, out var found)) FaultAt(start + 1, $"the body has no section \"{wanted}\"", $"Add \"## {wanted}\".");
            else if (!found.Text) FaultAt(found.Line, $"the section \"{wanted}\" is empty", "Write it.");
        }
    }

    private void FaultAt(int line, string what, string remedy) => Reader.Fault(new YamlScalar("", Quoted: true, line, 1), what, remedy);

    private static bool IsHidden(Rune rune) => rune.Value != '\t' && (rune.Value == 0xFFFD
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static FileFaultException Broken(string path, int line, string what, string remedy) => new(StrictYaml.Words(path, line, what, remedy));

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*\\z", RegexOptions.NonBacktracking)]
    private static partial Regex NameForm();
}
