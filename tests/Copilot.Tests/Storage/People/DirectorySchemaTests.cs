using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Approvals.People;
using Copilot.Engine.Yaml;
using Copilot.Storage.People;
using Xunit;
using static Copilot.Tests.Support.SchemaFile;
using static Copilot.Tests.Support.SchemaWords;

namespace Copilot.Tests.Storage.People;

/// <summary>What an editor says of a directory is what the loader says, as far as a schema can know.</summary>
public sealed class DirectorySchemaTests
{
    private const string File = "people.schema.json";

    [Fact]
    public void SchemaFile_EqualsTheTables() => Check(File, Root("Directory of people", "Who may be asked, their accounts and their keys (docs/people.md).", Closed(
        ["directory", "groups", "people"],
        ("directory", OneOf(["v1"], "The version of the form.")),
        ("groups", List(Text(Name), "Every group that people are in; policies write group/NAME.", 0)),
        ("people", Named(PersonReader.IdPattern, Person(), "By their ids, which votes and receipts name.")),
        ("services", Named(Name, Closed(["identities"], ("identities", Identities())), "Programs with accounts: no people, and without any role.")))));

    private static JsonObject Person() => Closed(
        ["name"],
        ("name", Say("What others see of somebody who votes.", new() { ["type"] = new JsonArray("string", "number"), ["minLength"] = 1, ["maxLength"] = PersonReader.LongestName })),
        ("groups", List(Text(Name), "Declared ones.", 0)),
        ("identities", Identities()),
        ("keys", List(Text(@"^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$"), "As copilot identity enrol puts them in.", 0)),
        ("disabled", Flag("Known, and without any role.")));

    private static JsonObject Identities() => List(Either([.. LinkedIdentity.Patterns.Values.Select(p => Text(p))]), $"Accounts: {LinkedIdentity.Forms}.", 0);

    private static JsonObject Named(string pattern, JsonObject value, string says) =>
        Say(says, new() { ["type"] = "object", ["additionalProperties"] = false, ["patternProperties"] = new JsonObject { [pattern] = value } });

    [Fact]
    public async Task Good_MeetsIt()
    {
        var schema = await Schema(File);

        Assert.Empty(schema.Validate(Json(StrictYaml.Parse("d", MalformedDirectories.Good))!.ToJsonString()));
    }

    /// <summary>The rest hangs on what stands elsewhere in the file.</summary>
    [Fact]
    public async Task Malformed_ManyAreSeenInAnEditorToo()
    {
        var (schema, refused) = (await Schema(File), 0);
        foreach (var (_, bytes, _, _) in MalformedDirectories.All)
        {
            YamlValue yaml;
            try
            {
                yaml = StrictYaml.Parse("d", bytes);
            }
            catch (FileFaultException)
            {
                continue;
            }
            if (schema.Validate(Json(yaml)!.ToJsonString()).Count > 0) refused++;
        }
        Assert.True(refused >= 25, $"{refused}");
    }

    [Theory]
    [InlineData("directory: v1\ngroups: []\npeople: { alice: { name: Al } }\n")]
    [InlineData("directory: v1\ngroups: [\"1\"]\npeople: { a: { name: 7, groups: [1], identities: [], keys: [], disabled: false } }\nservices: {}\n")]
    [InlineData("directory: v1\ngroups: []\npeople: { a.b-c_d: { name: Al, identities: ['os:CORP\\al', \"slack:E1/W1\", api:x, \"oidc:https://a.b:8443/x#y|z\"] } }\n")]
    public async Task Unusual_LoadsAndMeetsIt(string yaml)
    {
        DirectoryLoader.Parse("d", Encoding.UTF8.GetBytes(yaml));
        Assert.Empty((await Schema(File)).Validate(Json(StrictYaml.Parse("d", yaml))!.ToJsonString()));
    }
}
