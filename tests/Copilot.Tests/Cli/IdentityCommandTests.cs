using System.Text.Json.Nodes;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class IdentityCommandTests : IDisposable
{
    private static readonly string You = $"os:{Environment.UserName}";

    private readonly TempFolder _data = new();

    private string Directory => Path.Combine(_data.FullName, "people.yaml");

    private string Key => Path.Combine(_data.FullName, "alice.key");

    public IdentityCommandTests() => Write("""
        directory: v1 # kept by the leads
        groups: [sre-oncall, sre-leads]
        people:
          alice: { name: Alice Archer, groups: [sre-oncall] }
          bob:
            name: Bob Brown
            groups: [sre-leads]
            identities: ["slack:T1/U2"]
          carol: { name: Carol Clark, disabled: true }
        services:
          ci: { identities: [api:ci] }

        """);

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Enrol_Writable_AddsTheKeyAndLeavesAReceipt()
    {
        var before = DirectoryLoader.Load(Directory).Digest;

        var (code, output, error) = await Run("enrol", "alice", "--key", Key);

        var directory = DirectoryLoader.Load(Directory);
        var key = Assert.Single(directory.Find("alice")!.Keys);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"made the key {Key}", output);
        Assert.Contains($"enrolled the key {key.Id:x8} of alice in {Directory}, line 4", output);
        Assert.Contains("# kept by the leads", await File.ReadAllTextAsync(Directory, TestContext.Current.CancellationToken));
        using var own = PersonKey.Read(Key, "alice");
        Assert.Equal(own.Public, key);
        var receipt = await Receipt("identity.enrolled");
        Assert.Equal($$"""{"after":"{{directory.Digest}}","before":"{{before}}","key":"{{key}}","person":"alice"}""", receipt["body"]!.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));
        Assert.Equal(("log", You), ((string?)receipt["stream"], (string?)receipt["actor"]!["id"]));
    }

    [Fact]
    public async Task Enrol_KeyIsEnrolledAlready_IsRefusedAndNothingChanges()
    {
        await Run("enrol", "alice", "--key", Key);
        var (key, directory) = (await File.ReadAllTextAsync(Key, TestContext.Current.CancellationToken), await File.ReadAllTextAsync(Directory, TestContext.Current.CancellationToken));

        var (code, _, error) = await Run("enrol", "alice", "--key", Key);

        Assert.Equal(2, code);
        Assert.Contains("is there already and is not overwritten", error);
        Assert.Equal((key, directory), (await File.ReadAllTextAsync(Key, TestContext.Current.CancellationToken), await File.ReadAllTextAsync(Directory, TestContext.Current.CancellationToken)));
    }

    /// <summary>A key that was made before the directory could be written is good for a second try.</summary>
    [Fact]
    public async Task Enrol_NotWritable_PrintsTheLineAndASecondTimeUsesTheSameKey()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the rights of files are those of Unix");
        var before = await File.ReadAllTextAsync(Directory, TestContext.Current.CancellationToken);
        Permit(UnixFileMode.UserRead);

        var (code, output, _) = await Run("enrol", "bob", "--key", Key);

        using var key = PersonKey.Read(Key, "bob");
        Assert.Equal(0, code);
        Assert.EndsWith($"Whoever keeps it adds this after line 8:\n    keys: [\"{key.Public}\"]\n", output);
        Assert.Equal(before, await File.ReadAllTextAsync(Directory, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("identity.enrolled", (await CliRun.Of(_data.FullName, "receipts", "list")).Output);

        Permit(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (again, said, _) = await Run("enrol", "bob", "--key", Key);

        Assert.Equal(0, again);
        Assert.Contains("which was there and is not overwritten", said);
        Assert.Equal([key.Public], DirectoryLoader.Load(Directory).Find("bob")!.Keys);
    }

    [Theory]
    [InlineData("dave", "names no person dave", "adds dave below people:")]
    [InlineData("alise", "Did you mean alice?", "adds alise")]
    [InlineData("carol", "carol is disabled", "takes disabled: true away")]
    [InlineData("ci", "names no person ci", "adds ci")]
    [InlineData("../alice", "names no person ../alice", "adds")]
    public async Task Enrol_NobodyWhoMay_IsRefusedWithTheRemedy(string person, string says, string remedy)
    {
        var (code, _, error) = await Run("enrol", person, "--key", Key);

        Assert.Equal(2, code);
        Assert.Contains(says, error);
        Assert.Contains(remedy, error);
        Assert.False(File.Exists(Key));
    }

    [Theory]
    [InlineData("enrol bob")]
    [InlineData("link bob os:bob")]
    public async Task Change_ForSomebodyElse_IsRefused(string line)
    {
        await Run("link", "alice", You);

        var (code, _, error) = await Run([.. line.Split(' '), "--key", Key]);

        Assert.Equal(2, code);
        Assert.Contains($"You are alice ({You})", error);
    }

    [Fact]
    public async Task Change_AsAService_IsRefused()
    {
        Write((await File.ReadAllTextAsync(Directory, TestContext.Current.CancellationToken)).Replace("[api:ci]", $"[api:ci, {You}]", StringComparison.Ordinal));

        var (code, _, error) = await Run("enrol", "alice", "--key", Key);

        Assert.Equal(2, code);
        Assert.Contains($"You are the service ci ({You})", error);
    }

    [Fact]
    public async Task Link_NoKeyEnrolled_IsDoneAndSaysThatItIsUnproven()
    {
        var (code, output, _) = await Run("link", "alice", "slack:T1/U1");

        Assert.Equal(0, code);
        Assert.Contains("linked slack:T1/U1 to alice, unproven, as no key is enrolled", output);
        Assert.Null((await Receipt("identity.linked"))["body"]!["key"]);
    }

    [Fact]
    public async Task Link_KeyEnrolled_IsProvenByIt()
    {
        await Run("enrol", "alice", "--key", Key);

        var (code, output, _) = await Run("link", "alice", "api:alice-laptop", "--key", Key);

        var alice = DirectoryLoader.Load(Directory).Find("alice")!;
        Assert.Equal(0, code);
        Assert.Equal(["api:alice-laptop"], alice.Identities);
        Assert.Contains($"proven by the key {alice.Keys[0].Id:x8}", output);
        var body = (await Receipt("identity.linked"))["body"]!;
        Assert.Equal((alice.Keys[0].ToString(), "api:alice-laptop"), ((string?)body["key"], (string?)body["identity"]));
    }

    [Fact]
    public async Task Link_WithAnotherKeyOrNone_IsRefusedAndNothingChanges()
    {
        await Run("enrol", "alice", "--key", Key);
        var other = Path.Combine(_data.FullName, "other.key");
        PersonKey.Make(other, "alice").Dispose();
        var before = await File.ReadAllTextAsync(Directory, TestContext.Current.CancellationToken);

        var stolen = await Run("link", "alice", "os:mallory", "--key", other);
        var none = await Run("link", "alice", "os:mallory", "--key", other + "2");

        Assert.Equal((2, 2), (stolen.Code, none.Code));
        Assert.Contains("is no key that", stolen.Error);
        Assert.Contains("There is no key", none.Error);
        Assert.Equal(before, await File.ReadAllTextAsync(Directory, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("slack:T1/U2", "slack:T1/U2 is an identity of bob")]
    [InlineData("api:ci", "is an identity of the service ci")]
    [InlineData("api:CI", "is an identity of the service ci")]
    [InlineData("alice", "alice is no identity. Write it like os:alice")]
    [InlineData("token:alice", "is no identity")]
    public async Task Link_TakenOrMalformed_IsRefused(string identity, string says)
    {
        var (code, _, error) = await Run("link", "alice", identity, "--key", Key);

        Assert.Equal(2, code);
        Assert.Contains(says, error);
    }

    [Fact]
    public async Task Link_Twice_IsRefusedTheSecondTime()
    {
        await Run("link", "alice", "slack:T1/U1");

        Assert.Contains("is linked to alice already", (await Run("link", "alice", "slack:T1/U1")).Error);
    }

    [Fact]
    public async Task List_Directory_ShowsPeopleWhoHasNoKeyAndWhoYouAre()
    {
        await Run("enrol", "alice", "--key", Key);
        await Run("link", "alice", You, "--key", Key);

        var (code, output, error) = await CliRun.With(_data.FullName, new() { ["Copilot:Approvals:Directory"] = Directory }, "identity", "list");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("bob has no key: copilot identity enrol bob", output);
        Assert.DoesNotContain("alice has no key", output);
        Assert.Contains("carol (disabled)", output);
        Assert.Contains($"{DirectoryLoader.Load(Directory).Find("alice")!.Keys[0].Id:x8}", output);
        Assert.Contains($"You are alice ({You}).", output);
    }

    [Fact]
    public async Task List_Json_HasTheSame()
    {
        var (_, output, _) = await Run("list", "--json");

        var json = JsonNode.Parse(output)!;
        Assert.Equal(DirectoryLoader.Load(Directory).Digest, (string?)json["digest"]);
        Assert.Equal(["alice", "bob", "carol"], json["people"]!.AsArray().Select(p => (string?)p!["id"]));
        Assert.Equal(["alice", "bob"], json["without_key"]!.AsArray().Select(p => (string?)p));
        Assert.Equal((You, null), ((string?)json["you"]!["identity"], json["you"]!["person"]));
        Assert.Equal("ci", (string?)json["services"]![0]!["id"]);
    }

    [Fact]
    public async Task NoDirectory_ListSaysSoAndChangesAreRefused()
    {
        var list = await CliRun.Of(_data.FullName, "identity", "list");
        var enrol = await CliRun.Of(_data.FullName, "identity", "enrol", "alice", "--key", Key);

        Assert.Equal((0, 2), (list.Code, enrol.Code));
        Assert.Contains("nobody can say yes", list.Output);
        Assert.Contains("Copilot:Approvals:Directory", enrol.Error);
    }

    [Fact]
    public async Task Directory_WithFaults_IsRefusedWithAllOfThem()
    {
        Write("directory: v1\ngroups: [a]\npeople:\n  alice: { name: yes }\n");

        var (code, _, error) = await Run("list");

        Assert.Equal(2, code);
        Assert.Contains("people.yaml:2: nobody is in the group a", error);
        Assert.Contains("people.yaml:4: name is yes", error);
    }

    private Task<(int Code, string Output, string Error)> Run(params string[] args) => CliRun.Of(_data.FullName, ["identity", .. args, "--directory", Directory]);

    private void Write(string yaml) => File.WriteAllText(Directory, yaml);

    private void Permit(UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Directory, mode);
    }

    private async Task<JsonNode> Receipt(string type)
    {
        var list = JsonNode.Parse((await CliRun.Of(_data.FullName, "receipts", "list", "--type", type, "--json")).Output)!;
        var seq = (long)Assert.Single(list.AsArray())!["seq"]!;
        var store = new Copilot.Storage.CopilotStore(_data.FullName);
        return JsonNode.Parse(store.Read(db => db.Receipts.Single(r => r.Seq == seq).Bytes))!;
    }
}
