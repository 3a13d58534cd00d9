using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Engine.Signals.Objects;
using Copilot.Simulator.StandIns.Kubernetes.Patching;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Actions;

/// <summary>Fields by the paths under which changes name them, and the patches that put them back.</summary>
public sealed class FieldPatchTests
{
    private static readonly Gen<string> Word = Gen.OneOf(new[] { "a", "b", "on", "off", "7", "x y", "it's" }.Select(Gen.Const).ToArray());

    private static readonly Gen<JsonNode> Environment = Gen.Select(Gen.OneOf(new[] { "A", "B", "C.D", "E" }.Select(Gen.Const).ToArray()), Word, (name, value) => (JsonNode)new JsonObject { ["name"] = name, ["value"] = value })
        .Array[0, 4].Select(items => (JsonNode)new JsonArray([.. items.DistinctBy(i => (string)i["name"]!)]));

    private static readonly Gen<JsonNode> Arguments = Word.Array[0, 3].Select(items => (JsonNode)new JsonArray([.. items.Select(i => (JsonNode)i)]));

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Select(Word, Gen.Bool, Gen.Int[0, 9], (v, b, n) => $"{{\n  \"flags\": {{\"che.ck/out\": {{\"defaultVariant\": {JsonSerializer.Serialize(v)}, \"on\": {(b ? "true" : "false")}}}}},\n  \"list\": [{n}, \"{v}\"] // so\n}}\n"),
        Gen.Select(Word, Word, (a, b) => $"a.key={a}\nb={b}\n"), Gen.Select(Word, Word, (a, b) => $"a:\n  b: \"{a}\"\nc: \"{b}\"\n"), Word);

    private static readonly Gen<JsonObject> Object = Gen.Select(Environment, Arguments, Text, Word, Gen.Int[0, 15], (environment, arguments, text, word, parts) =>
    {
        var container = new JsonObject { ["name"] = "main", ["image"] = word, ["env"] = environment, ["args"] = arguments };
        if ((parts & 1) == 0) container["resources"] = new JsonObject { ["limits"] = new JsonObject { ["memory"] = word } };
        var annotations = new JsonObject { ["example.com/a~b"] = word };
        if ((parts & 2) == 0) annotations["example.com/other"] = word;
        var data = new JsonObject { ["app.conf"] = text };
        if ((parts & 4) == 0) data["plain"] = word;
        var root = new JsonObject { ["kind"] = "X", ["metadata"] = new JsonObject { ["uid"] = "u", ["annotations"] = annotations }, ["spec"] = new JsonObject { ["containers"] = new JsonArray(container) } };
        if ((parts & 8) == 0) root["data"] = data;
        return root;
    });

    /// <summary>The patch leaves none of the named differences, and its reverse leads back to the very object.</summary>
    [Fact]
    public void Between_AnyTwoVersions_LeadsThereAndBack() => Gen.Select(Object, Object).Sample((now, then) =>
    {
        var fields = Changes(now, then).ConvertAll(c => c.Path);
        var changes = FieldPatch.Between(now, then, fields);

        var there = JsonPatch.Apply(now, FieldPatch.Operations("u", changes))!;
        var back = JsonPatch.Apply(there, FieldPatch.Operations("u", [.. changes.Select(c => new FieldPatch.Change(c.Pointer, c.Then, c.Now))]))!;

        return Changes(there, then).Count == 0 && JsonNode.DeepEquals(back, now) && changes.Count <= fields.Count;
    }, iter: 3000);

    /// <summary>A field is found where the change says, with the value that it says.</summary>
    [Fact]
    public void Find_EveryChangedField_HasTheRecordedValues() => Gen.Select(Object, Object).Sample((now, then) => Changes(now, then).TrueForAll(c => Holds(now, c.Path, c.Before) && Holds(then, c.Path, c.After)), iter: 3000);

    /// <summary>A text that only looks as if it had the setting is compared as a whole, so that no change of it is passed over.</summary>
    [Theory]
    [InlineData("data[f].a]b", "{\"a]b\": 1}")]
    [InlineData("data[f].x.y", "{\"x\": 1}")]
    [InlineData("data[f].a", "a: 1\n")]
    [InlineData("data[f].a", "{\"a\": 1, \"a\": 2}")]
    [InlineData("data[f].a", "{\"a\": ")]
    [InlineData("data[f][line 2]", "one\ntwo\n")]
    public void Find_InATextThatCannotBeTold_IsTheWholeText(string path, string text)
    {
        var found = ObjectField.Find(new() { ["data"] = new JsonObject { ["f"] = text } }, path)!;

        Assert.Equal(("/data/f", text), (found.Pointer, found.Value));
        Assert.True(found.IsWholeText);
    }

    [Theory]
    [InlineData("spec.args[1 --password]", "b")]
    [InlineData("spec.args[0]", "a")]
    [InlineData("spec.args[7]", null)]
    [InlineData("spec.ports[http].port", "80")]
    [InlineData("spec.ports[81].name", null)]
    [InlineData("spec.nothing", null)]
    [InlineData("", null)]
    [InlineData("[", null)]
    [InlineData("..", null)]
    [InlineData("spec.bad", "\"\\ud800\"")]
    public void Find_Path_IsTheValueOrNothing(string path, string? value)
    {
        var root = (JsonObject)JsonNode.Parse("""{"spec":{"args":["a","b"],"ports":[{"name":"http","port":80}],"bad":"\ud800"}}""")!;

        if (path.Length > 0) Assert.Equal(value, ObjectField.Find(root, path)?.Value);
        else Assert.NotNull(ObjectField.Find(root, path));
    }

    [Theory]
    [InlineData("""{"a": {"v": "on", "on": 1}, /* c */ "b": "on",}""", "b", "off", """{"a": {"v": "on", "on": 1}, /* c */ "b": "off",}""")]
    [InlineData("""{"a": {"v": "on"}}""", "a.v", "o\"f\nf", """{"a": {"v": "o\"f\nf"}}""")]
    [InlineData("""{"a": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]}""", "a[y].v", "30", """{"a": [{"name": "x", "v": 1}, {"name": "y", "v": 30}]}""")]
    [InlineData("""{"ä": "ö", "a": true }""", "a", "false", """{"ä": "ö", "a": false }""")]
    [InlineData("""{"a": true}""", "a", "perhaps", null)]
    [InlineData("""{"a": 1}""", "a", "one", null)]
    [InlineData("""{"a": {}}""", "a", "x", null)]
    [InlineData("""{"a": 1}""", "b", "x", null)]
    [InlineData("a: on", "a", "off", null)]
    public void With_AnotherValue_LeavesTheRestAsItIs(string text, string path, string value, string? expected) => Assert.Equal(expected, JsonText.With(text, ObjectField.Steps(path), value));

    private static bool Holds(JsonObject root, string path, string? value) => ObjectField.Find(root, path) is var found && (found?.IsWholeText == true || found?.Value == value);

    private static List<(string Path, string? Before, string? After)> Changes(JsonNode now, JsonNode then)
    {
        using var old = JsonDocument.Parse(now.ToJsonString());
        using var young = JsonDocument.Parse(then.ToJsonString());
        return ObjectDiff.Compare(old.RootElement, young.RootElement).ConvertAll(c => (PathStep.Show(c.Path), c.Old, c.New));
    }
}
