using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using NJsonSchema;
using Xunit;
using static Copilot.Tests.Support.SchemaFile;

namespace Copilot.Tests.Policy;

/// <summary>What an editor says of a policy is what the loader says, as far as a schema can know.</summary>
public sealed partial class PolicySchemaTests
{
    private static readonly string[] Others = ["7", "\"x1\"", "true", "[]", "{}", "[[]]"];

    [Theory]
    [InlineData("policy.schema.json")]
    [InlineData("policy-tests.schema.json")]
    public void SchemaFile_EqualsTheTables(string name)
    {
        Check(name, name == "policy.schema.json" ? PolicySchemas.Policy() : PolicySchemas.Tests());
    }

    [Fact]
    public async Task ShippedFiles_NameTheirSchemaAndMeetIt()
    {
        foreach (var file in Policies.All.SelectMany(p => new[] { p, PolicyTestsFile.Of(p)! }))
        {
            var name = PolicyTestsFile.IsOne(file) ? "policy-tests.schema.json" : "policy.schema.json";
            Assert.Equal([], (await Schema(name)).Validate(Json(StrictYaml.Parse(file, File.ReadAllBytes(file)))!.ToJsonString()).Select(e => $"{file}: {e}"));
            if (file.StartsWith(Path.GetDirectoryName(Policies.Design)!, StringComparison.Ordinal)) continue;
            Assert.Equal($"# yaml-language-server: $schema=../docs/schemas/{name}", File.ReadLines(file).First());
            Assert.Equal(PathOf(name), Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../docs/schemas", name)));
        }
    }

    /// <summary>Every value of every shipped file taken out, doubled by an unknown key, or put in the place of another type: the schema refuses nothing that loads.</summary>
    [Fact]
    public async Task Mutations_OfShippedFiles_AreRefusedByTheSchemaOnlyWithTheLoader()
    {
        var (refused, onlyLoader, taken) = (0, 0, 0);
        var wrong = new HashSet<string>();
        foreach (var (file, bytes) in Policies.All.SelectMany(p => new[] { p, PolicyTestsFile.Of(p)! }).Select(f => (f, File.ReadAllBytes(f))).Append(("good", Encoding.UTF8.GetBytes(MalformedPolicies.Good))))
        {
            var isTests = PolicyTestsFile.IsOne(file);
            var policy = isTests ? PolicyLoader.Load(PolicyTestsFile.PolicyOf(file)).Document : null;
            var schema = await Schema(isTests ? "policy-tests.schema.json" : "policy.schema.json");
            foreach (var (what, isForm, mutant) in Mutants(Json(StrictYaml.Parse(file, bytes))!))
            {
                var isLoaded = Loads(Yaml(mutant), policy);
                var isMet = schema.Validate(mutant.ToJsonString()).Count == 0;
                if (isLoaded && !isMet) wrong.Add($"{Path.GetFileName(file)} {what}: loads, but the schema refuses it");
                // What has no place or the wrong form needs no vocabulary to be seen.
                if (isForm && isMet && !isLoaded) wrong.Add($"{Path.GetFileName(file)} {what}: the schema takes it");
                if (isLoaded) taken++;
                else if (isMet) onlyLoader++;
                else refused++;
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        TestReport.Line($"schemas of policies and tests: of altered files {taken} load, {refused} are refused by loader and schema, {onlyLoader} by the loader alone");
        Assert.True(refused > 500 && taken > 50, $"{refused} refused, {taken} taken");
    }

    [Theory]
    [InlineData("allow", true)]
    [InlineData("prohibit", true)]
    [InlineData("permit", false)]
    [InlineData("require_approval", false)]
    [InlineData("{ prohibit: { absolute: true, because: x } }", true)]
    [InlineData("{ prohibit: {}, also_require: { break_glass_only: true } }", false)]
    [InlineData("{ forbid: {} }", false)]
    [InlineData("{ prohibit: { absolute: \"true\" } }", false)]
    [InlineData("{ also_require: { all: [ { role: oncall, count: 21 } ] } }", false)]
    [InlineData("{ also_require: { all: [ { role: oncall, count: 0 } ] } }", false)]
    [InlineData("{ also_require: { all: [ { role: oncall, count: 1 } ], decide_within: 30 } }", false)]
    [InlineData("{ require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 1h, execute_within: 1h } }", true)]
    [InlineData("{ require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 1h } }", false)]
    public async Task Then_WrongVerbOrRequirement_IsRefused(string then, bool isOne)
    {
        var text = $"{Policies.Head}- {{ id: r, when: {{ kind: k8s.scale }}, then: {then} }}\n";
        Assert.Equal(isOne, Loads(text, null));
        Assert.Equal(isOne, (await Schema("policy.schema.json")).Validate(Json(StrictYaml.Parse("f", text))!.ToJsonString()).Count == 0);
    }

    private static bool Loads(string text, PolicyDocument? policy)
    {
        try
        {
            if (policy is null) PolicyLoader.Parse("f", Encoding.UTF8.GetBytes(text));
            else PolicyTestsFile.Parse("f", Encoding.UTF8.GetBytes(text), policy);
            return true;
        }
        catch (FileFaultException)
        {
            return false;
        }
    }

    /// <summary>Each with what was done, and whether a schema can know that it is wrong.</summary>
    private static IEnumerable<(string What, bool IsForm, JsonNode Mutant)> Mutants(JsonNode root)
    {
        var seen = new HashSet<string>();
        foreach (var path in Paths(root, []).ToList())
        {
            var place = string.Join('.', path.Select(p => p is int ? "#" : p));
            var edits = new List<(string What, bool IsForm, Action<JsonNode> Change)>();
            if (At(root, path) is JsonObject map)
            {
                // Labels, roles, calendars and approvals have free keys.
                edits.Add(($"{place} with an unknown key", path.Length == 0 || path[^1] is not ("labels" or "roles" or "calendars" or "approvals"), copy => At(copy, path)["weather"] = new JsonObject()));
                edits.AddRange(map.Select(m => ($"{place} without {m.Key}", false, (Action<JsonNode>)(copy => ((JsonObject)At(copy, path)).Remove(m.Key)))));
            }
            if (path.Length > 0)
                edits.AddRange(Others.Select(o => ($"{place} is {o}", o == "[[]]", (Action<JsonNode>)(copy => Set(At(copy, path[..^1]), path[^1], JsonNode.Parse(o)!)))));
            foreach (var (what, isForm, change) in edits.Where(e => seen.Add(e.What)))
            {
                var copy = root.DeepClone();
                change(copy);
                yield return (what, isForm, copy);
            }
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] path) => node switch
    {
        JsonObject map => map.SelectMany(m => Paths(m.Value, [.. path, m.Key])).Prepend(path),
        // The items of a list are alike: the first few stand for all.
        JsonArray list => list.Take(path is ["rules"] or ["cases"] ? 40 : 2).SelectMany((item, i) => Paths(item, [.. path, i])).Prepend(path),
        _ => [path],
    };

    private static JsonNode At(JsonNode root, object[] path) => path.Aggregate(root, (n, step) => step is int i ? n[i]! : n[(string)step]!);

    private static void Set(JsonNode parent, object step, JsonNode value)
    {
        if (step is int i) parent[i] = value;
        else parent[(string)step] = value;
    }

    /// <summary>Plain where it can be, as people write it.</summary>
    private static string Yaml(JsonNode? node) => node switch
    {
        JsonObject map => $"{{ {string.Join(", ", map.Select(m => $"{m.Key}: {Yaml(m.Value)}"))} }}",
        JsonArray list => $"[ {string.Join(", ", list.Select(Yaml))} ]",
        JsonValue value when value.GetValueKind() == JsonValueKind.String && !Plain().IsMatch(value.GetValue<string>()) => value.ToJsonString(),
        JsonValue value => value.ToString() is var text && value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? text.ToLowerInvariant() : text,
        _ => "",
    };

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    private static partial Regex Plain();
}
