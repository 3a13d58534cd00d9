using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>What a bundle of receipts says that it holds. Nothing of it is believed: every value is checked against the files.</summary>
/// <param name="Root">Over all receipts of the bundle, lower-case hex.</param>
/// <param name="Key">The log's key in its text form, for comparison with one known from elsewhere.</param>
/// <param name="Files">The SHA-256 of each other file of the bundle by name, lower-case hex.</param>
public sealed record BundleManifest(string Log, long Size, string Root, string Key, IReadOnlyDictionary<string, string> Files)
{
    public const string Format = "copilot-receipts-bundle/1";

    /// <summary>The manifest's own name in the bundle.</summary>
    public const string FileName = "manifest.json";

    /// <summary>All receipts, each with a newline behind it.</summary>
    public const string ReceiptsFile = "receipts.jsonl";

    /// <summary>The latest signed checkpoint.</summary>
    public const string CheckpointFile = "checkpoint.txt";

    private static readonly ObjectShape Form = Shape.Object(
        ("format", Shape.OneOf(Format)), ("log", Shape.Text), ("size", Shape.Count), ("root", TextForms.Leaf), ("key", TextForms.Key), ("files", new TextMapShape()));

    /// <summary>Canonical JSON, without a newline behind it.</summary>
    public byte[] ToBytes() => CanonicalJson.Serialize(new JsonObject
    {
        ["format"] = Format,
        ["log"] = Log,
        ["size"] = Size,
        ["root"] = Root,
        ["key"] = Key,
        ["files"] = new JsonObject(Files.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value))),
    });

    /// <summary>Reads a manifest and refuses what is not canonical JSON of the closed form. Never throws.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, out BundleManifest? manifest, out string fault)
    {
        manifest = null;
        if (CanonicalForm.Fault(bytes.Span) is { } form)
        {
            fault = form;
            return false;
        }
        using var json = JsonDocument.Parse(bytes);
        var root = json.RootElement;
        fault = Form.Fault(root)?.TrimStart('.', ':', ' ') ?? "";
        if (fault.Length > 0) return false;
        var files = root.GetProperty("files").EnumerateObject().ToDictionary(f => f.Name, f => f.Value.GetString()!, StringComparer.Ordinal);
        if (files.Any(f => f.Key.Length == 0 || !Hex.IsHash(f.Value))) fault = "files: not a name with a SHA-256 hash";
        else manifest = new(root.GetProperty("log").GetString()!, root.GetProperty("size").GetInt64(), root.GetProperty("root").GetString()!, root.GetProperty("key").GetString()!, files);
        return manifest is not null;
    }

    /// <summary>Holds the manifest against what the bundle really holds.</summary>
    /// <param name="files">The SHA-256 of each file that was found beside the manifest, lower-case hex.</param>
    /// <param name="report">What the verifier found in the bundle's receipts.</param>
    /// <param name="key">The public key known from elsewhere; null when none is.</param>
    public IReadOnlyList<ReceiptCheck> Check(IReadOnlyDictionary<string, string> files, ReceiptVerification report, NoteKey? key)
    {
        var wrong = Files.Keys.Union(files.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Where(name => Files.GetValueOrDefault(name) != files.GetValueOrDefault(name)).ToList();
        var names = new StringBuilder().AppendJoin(", ", wrong.Take(5).Select(Faults.Shown));
        return
        [
            wrong.Count > 0
                ? new("files", CheckOutcome.Failed, $"Altered, missing or not in the manifest: {names}{(wrong.Count > 5 ? $" and {wrong.Count - 5} more" : "")}.")
                : new("files", CheckOutcome.Held, $"The {files.Count} files are those that the manifest names."),
            ValueFault(report, key) is { } fault
                ? new("manifest", CheckOutcome.Failed, $"The manifest's {fault}: it belongs to other receipts or was altered.")
                : new("manifest", CheckOutcome.Held, "Name, size, root and key in the manifest are those of the receipts."),
        ];
    }

    private string? ValueFault(ReceiptVerification report, NoteKey? key) =>
        Log != report.Log ? "log is not that of the receipts"
        : Size != report.Receipts ? $"size is {Size}, there are {report.Receipts} receipts"
        : Root != report.Root ? "root is not that of the receipts"
        : Key != report.Key ? "key is not the one that the log opens with"
        : key is not null && Key != key.ToString() ? "key is not the one that was given"
        : null;
}
