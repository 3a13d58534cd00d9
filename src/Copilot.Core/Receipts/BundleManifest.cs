using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>What a bundle of receipts says that it holds. Nothing of it is believed: every value is checked against the files.</summary>
/// <param name="Size">How many receipts the log has; all of them are in the bundle unless it is an excerpt.</param>
/// <param name="Root">Over so many receipts, lower-case hex.</param>
/// <param name="Key">The log's last key in its text form, for comparison with one known from elsewhere.</param>
/// <param name="Files">The SHA-256 of each other file of the bundle by name, lower-case hex.</param>
public sealed record BundleManifest(string Log, long Size, string Root, string Key, IReadOnlyDictionary<string, string> Files)
{
    public const string Format = "copilot-receipts-bundle/2";

    /// <summary>What earlier versions wrote: receipts and checkpoint only.</summary>
    public const string FirstFormat = "copilot-receipts-bundle/1";

    /// <summary>The one stream of an excerpt; null when the bundle has the whole log.</summary>
    public string? Stream { get; init; }

    /// <summary>The manifest's own name in the bundle.</summary>
    public const string FileName = "manifest.json";

    /// <summary>All receipts, each with a newline behind it.</summary>
    public const string ReceiptsFile = "receipts.jsonl";

    /// <summary>The latest signed checkpoint.</summary>
    public const string CheckpointFile = "checkpoint.txt";

    /// <summary>For each receipt of an excerpt its path to the root, a JSON list of hashes in base64.</summary>
    public const string PathsFile = "paths.jsonl";

    /// <summary>The values that were handed out, one <see cref="Opening"/> a line.</summary>
    public const string OpeningsFile = "openings.jsonl";

    /// <summary>The checkpoints over changes of the key, each a JSON text.</summary>
    public const string RotationsFile = "rotations.jsonl";

    /// <summary>The closed form of receipts as JSON Schema, for readers.</summary>
    public const string SchemaFile = "copilot-receipt-1.schema.json";

    /// <summary>All names that a bundle may hold.</summary>
    public static readonly IReadOnlyList<string> Names = [ReceiptsFile, CheckpointFile, FileName, PathsFile, OpeningsFile, RotationsFile, SchemaFile];

    private static readonly ObjectShape Form = Shape.Object(
        ("format", Shape.OneOf(Format, FirstFormat)), ("stream?", Shape.Text), ("log", Shape.Text), ("size", Shape.Count), ("root", TextForms.Leaf), ("key", TextForms.Key), ("files", new TextMapShape()));

    /// <summary>Canonical JSON, without a newline behind it.</summary>
    public byte[] ToBytes()
    {
        var manifest = new JsonObject
        {
            ["format"] = Format,
            ["log"] = Log,
            ["size"] = Size,
            ["root"] = Root,
            ["key"] = Key,
            ["files"] = new JsonObject(Files.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value))),
        };
        if (Stream is not null) manifest["stream"] = Stream;
        return CanonicalJson.Serialize(manifest);
    }

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
        else manifest = new(root.GetProperty("log").GetString()!, root.GetProperty("size").GetInt64(), root.GetProperty("root").GetString()!, root.GetProperty("key").GetString()!, files)
        {
            Stream = root.TryGetProperty("stream", out var stream) ? stream.GetString() : null,
        };
        return manifest is not null;
    }

    /// <summary>Holds the manifest against what the bundle really holds.</summary>
    /// <param name="files">The SHA-256 of each file that was found beside the manifest, lower-case hex.</param>
    /// <param name="report">What the verifier found in the bundle's receipts.</param>
    public IReadOnlyList<ReceiptCheck> Check(IReadOnlyDictionary<string, string> files, ReceiptVerification report)
    {
        var wrong = Files.Keys.Union(files.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Where(name => Files.GetValueOrDefault(name) != files.GetValueOrDefault(name)).ToList();
        var names = new StringBuilder().AppendJoin(", ", wrong.Take(5).Select(Faults.Shown));
        return
        [
            wrong.Count > 0
                ? new("files", CheckOutcome.Failed, $"Altered, missing or not in the manifest: {names}{(wrong.Count > 5 ? $" and {wrong.Count - 5} more" : "")}.")
                : new("files", CheckOutcome.Held, $"The {files.Count} files are those that the manifest names."),
            ValueFault(report) is { } fault
                ? new("manifest", CheckOutcome.Failed, $"The manifest's {fault}: it belongs to other receipts or was altered.")
                : new("manifest", CheckOutcome.Held, "Name, size, root and key in the manifest are those of the receipts."),
        ];
    }

    private string? ValueFault(ReceiptVerification report) =>
        Log != report.Log ? "log is not that of the receipts"
        : Size != report.Receipts ? $"size is {Size}, there are {report.Receipts} receipts"
        : Root != report.Root ? "root is not that of the receipts"
        : Key != report.Key ? "key is not the last of the log"
        : null;
}
