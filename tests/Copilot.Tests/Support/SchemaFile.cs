using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Copilot.Engine.Yaml;
using NJsonSchema;
using Xunit;

namespace Copilot.Tests.Support;

/// <summary>The JSON Schemas in docs/schemas, and YAML as an editor holds it against them.</summary>
internal static partial class SchemaFile
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string PathOf(string name) => Path.Combine(TestData.RepositoryRoot, "docs", "schemas", name);

    /// <summary>Writes the file anew and fails when it says something else.</summary>
    public static void Check(string name, JsonObject schema)
    {
        var text = schema.ToJsonString(Readable) + "\n";
        if (File.Exists(PathOf(name)) && File.ReadAllText(PathOf(name)) == text) return;
        File.WriteAllText(PathOf(name), text);
        Assert.Fail($"docs/schemas/{name} was not up to date; it has been written anew. Read the difference and commit it.");
    }

    /// <summary>The validator knows the keyword by its older name only; all others that are used mean the same in each draft.</summary>
    public static async Task<JsonSchema> Schema(string name) =>
        await JsonSchema.FromJsonAsync((await File.ReadAllTextAsync(PathOf(name), TestContext.Current.CancellationToken)).Replace("$defs", "definitions"), TestContext.Current.CancellationToken);

    /// <summary>As an editor reads YAML 1.2: only these forms are numbers and booleans.</summary>
    public static JsonNode? Json(YamlValue value) => value switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key.Text, Json(e.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(Json)]),
        YamlScalar { Quoted: false, Text: "true" or "false" } scalar => JsonValue.Create(scalar.Text == "true"),
        YamlScalar { Quoted: false } scalar when Numeric().IsMatch(scalar.Text) => JsonValue.Create(decimal.Parse(scalar.Text, CultureInfo.InvariantCulture)),
        YamlScalar { Quoted: false, Text: "" } => null,
        YamlScalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    [GeneratedRegex("^-?[0-9]+([.][0-9]+)?$")]
    private static partial Regex Numeric();
}
