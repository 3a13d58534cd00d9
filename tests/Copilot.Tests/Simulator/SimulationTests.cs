using System.Globalization;
using System.Security.Cryptography;
using Copilot.Simulator;
using Copilot.Simulator.Validation;
using Copilot.Tests.Bench.Grading;
using Xunit;

namespace Copilot.Tests.Simulator;

public sealed class SimulationTests(SimulatedSnapshots snapshots) : IClassFixture<SimulatedSnapshots>
{
    public static TheoryData<SimulatedFault> AllFaults => [.. Enum.GetValues<SimulatedFault>()];

    [Fact]
    public void Write_SameSeed_GivesSameBytes()
    {
        var first = snapshots.Of(SimulatedFault.FeatureFlag);
        var again = snapshots.NewDirectory();
        var incident = Simulation.Write(SimulatedSnapshots.Options(SimulatedFault.FeatureFlag), again);
        Assert.Equal(Digests(first.Directory), Digests(again));
        Assert.Equal(first.Incident.Bytes, incident.Bytes);
    }

    [Fact]
    public void Write_OtherSeed_GivesAnotherApplication()
    {
        var other = snapshots.NewDirectory();
        Simulation.Write(SimulatedSnapshots.Options(SimulatedFault.FeatureFlag, seed: 8), other);
        Assert.Empty(Digests(snapshots.Of(SimulatedFault.FeatureFlag).Directory).Values.Intersect(Digests(other).Values));
    }

    [Fact]
    public void Write_DirectoryNotEmpty_IsRefused()
    {
        var directory = snapshots.Of(null).Directory;
        var refusal = Assert.Throws<IOException>(() => Simulation.Write(new SimulationOptions(), directory));
        Assert.Contains("not empty", refusal.Message);
    }

    [Fact]
    public void Write_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => Simulation.Write(new SimulationOptions(), snapshots.NewDirectory(), ct: source.Token));
    }

    [Theory]
    [MemberData(nameof(AllFaults))]
    public void Write_AnyFault_KeepsToFormatAndPhysics(SimulatedFault fault) => Holds(snapshots.Of(fault).Directory);

    [Fact]
    public void Write_NoFault_KeepsToFormatAndPhysics() => Holds(snapshots.Of(null).Directory);

    private static void Holds(string directory)
    {
        var report = SnapshotValidator.Validate(directory, TestContext.Current.CancellationToken);
        Assert.True(report.Holds, string.Join('\n', report.Rules.Where(r => r.ViolationCount > 0).Select(r => $"{r.Rule} {r.ViolationCount}/{r.Checked}: {string.Join(" | ", r.Violations)}")));
        Assert.Empty(report.Missing);
    }

    [Theory]
    [MemberData(nameof(AllFaults))]
    public void Write_RealFault_ShowsInRequestsAndAlerts(SimulatedFault fault)
    {
        var snapshot = snapshots.Of(fault);
        var (before, after) = Worst(snapshot);
        Assert.True(after.Errors > before.Errors + 0.04 || after.Slow > before.Slow + 0.05, $"before {before}, after {after}");
        Assert.Contains(Directory.EnumerateFiles(Path.Combine(snapshot.Directory, "alerts")),
            f => Path.GetFileName(f).StartsWith("alerts_in_alerting_state_", StringComparison.Ordinal));
        Assert.Equal(1, Answers.Score(snapshot.Directory, snapshot.Incident.RootCauses));
    }

    [Fact]
    public void Write_None_ShowsNoRise()
    {
        var snapshot = snapshots.Of(null);
        var (before, after) = Worst(snapshot);
        Assert.True(after.Errors < before.Errors + 0.03 && after.Slow < before.Slow + 0.03, $"before {before}, after {after}");
        Assert.Empty(snapshot.Incident.RootCauses);
        Assert.DoesNotContain("root_cause", File.ReadAllText(Path.Combine(snapshot.Directory, "ground_truth.yaml")));
    }

    [Fact]
    public void Write_WithoutDecoysAndNoise_OnlyTheFaultChangesAnything()
    {
        var directory = snapshots.NewDirectory();
        var options = SimulatedSnapshots.Options(SimulatedFault.ServicePort) with { Decoys = false, Noise = false };
        var snapshot = new SimulatedSnapshot(directory, Simulation.Write(options, directory));
        var start = options.Start.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var changed = snapshot.Objects.Where(o => o.GetProperty("metadata").GetProperty("managedFields").EnumerateArray().Any(e =>
            string.CompareOrdinal(e.GetProperty("time").GetString(), start) > 0
                && e.GetProperty("manager").GetString() is not ("kubelet" or "kube-controller-manager" or "kube-scheduler")));
        var name = Assert.Single(changed.Select(o => $"{o.GetProperty("kind")}/{o.GetProperty("metadata").GetProperty("name")}").Distinct());
        Assert.EndsWith(name, snapshot.Incident.RootCauses[0]);
    }

    [Theory]
    [InlineData(SimulatedFault.ConfigurationChange, "ConfigMap", "f:data")]
    [InlineData(SimulatedFault.FeatureFlag, "ConfigMap", "f:data")]
    [InlineData(SimulatedFault.EnvironmentVariable, "Deployment", "f:env")]
    [InlineData(SimulatedFault.BadImage, "Deployment", "f:image")]
    [InlineData(SimulatedFault.ServicePort, "Service", "f:targetPort")]
    [InlineData(SimulatedFault.NetworkPolicy, "NetworkPolicy", "f:podSelector")]
    [InlineData(SimulatedFault.ResourceQuota, "ResourceQuota", "f:hard")]
    public void Write_ObjectChanged_ManagedFieldsDateTheChange(SimulatedFault fault, string kind, string field)
    {
        var snapshot = snapshots.Of(fault);
        var cause = snapshot.RootCause();
        Assert.Equal(kind, cause.GetProperty("kind").GetString());
        var at = snapshot.Incident.Causes[0].At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var entry = Assert.Single(cause.GetProperty("metadata").GetProperty("managedFields").EnumerateArray(),
            e => e.GetProperty("time").GetString() == at && e.GetProperty("manager").GetString() != "kube-controller-manager");
        Assert.Contains($"\"{field}\"", entry.GetProperty("fieldsV1").GetRawText());
        Assert.NotEqual("kubelet", entry.GetProperty("manager").GetString());
    }

    [Fact]
    public void Write_EnvironmentVariable_ErrorsNameTheNewAddress()
    {
        var snapshot = snapshots.Of(SimulatedFault.EnvironmentVariable);
        var values = snapshot.RootCause().GetProperty("spec").GetProperty("template").GetProperty("spec")
            .GetProperty("containers")[0].GetProperty("env").EnumerateArray().Where(e => e.TryGetProperty("value", out _)).Select(e => e.GetProperty("value").GetString()!.Split(':'))
            .Where(v => v.Length == 2).ToList();
        Assert.Contains(values,
            v => snapshot.Spans.Any(s => s["StatusCode"] == "Error"
            && s["SpanAttributes"].Contains($"'server.address': '{v[0]}', 'server.port': '{v[1]}'")));
    }

    [Fact]
    public void Write_BadImage_PodCannotPull() =>
        Assert.Contains(snapshots.Of(SimulatedFault.BadImage).Events,
            e => e.GetProperty("object").GetProperty("message").GetString() == "Error: ImagePullBackOff");

    [Fact]
    public void Write_ResourceQuota_ReplicaSetIsRefused()
    {
        var snapshot = snapshots.Of(SimulatedFault.ResourceQuota);
        Assert.Contains(snapshot.Events,
            e => e.GetProperty("object").GetProperty("message")
            .GetString()!.Contains($"exceeded quota: {snapshot.Incident.RootCauses[0].Split('/')[2]}"));
    }

    [Fact]
    public void Write_ChaosNetworkDelay_HitsLivingPods()
    {
        var snapshot = snapshots.Of(SimulatedFault.ChaosNetworkDelay);
        var pods = snapshot.Objects.Where(o => o.GetProperty("kind").GetString() == "Pod")
            .Select(o => o.GetProperty("metadata").GetProperty("name").GetString()!).ToHashSet();
        var applied = snapshot.Events.Where(e => e.GetProperty("type").GetString() == "ADDED"
            && e.GetProperty("object").GetProperty("reason").GetString() == "Applied")
            .Select(e => e.GetProperty("object").GetProperty("message").GetString()!.Split('/')[^1]).ToList();
        Assert.NotEmpty(applied);
        Assert.All(applied, p => Assert.Contains(p, pods));
        Assert.Contains(snapshot.Events, e => e.GetProperty("object").GetProperty("involvedObject").GetProperty("kind").GetString() == "Schedule");
    }

    [Fact]
    public void Write_DatastoreCredentials_ClientsAreRejected()
    {
        var snapshot = snapshots.Of(SimulatedFault.DatastorePassword);
        var datastore = snapshot.Incident.RootCauses[0].Split('/')[2];
        Assert.Contains(snapshot.Logs,
            l => l["Body"].Contains(datastore + ":") && (l["Body"].Contains("authentication failed") || l["Body"].Contains("Access denied")));
    }

    [Fact]
    public void Write_FeatureFlag_SpansShowTheVariant()
    {
        var spans = snapshots.Of(SimulatedFault.FeatureFlag)
            .Spans.Where(s => s["Events.Attributes"].Contains("'feature_flag.result.variant': 'on'")).ToList();
        Assert.NotEmpty(spans);
        Assert.Single(spans.Select(s => s["ServiceName"]).Distinct());
        Assert.All(spans, s => Assert.True(Begin(s) >= snapshots.Of(SimulatedFault.FeatureFlag).Incident.Causes[0].At));
    }

    /// <summary>Shares of failed spans and of spans over 800 ms, of the service where they grew most. One that says nothing any more has failed altogether.</summary>
    private static ((double Errors, double Slow) Before, (double Errors, double Slow) After) Worst(SimulatedSnapshot snapshot)
    {
        var options = SimulatedSnapshots.Options(null);
        var middle = options.Start + options.FaultAfter;
        var services = snapshot.SpansOnce.Where(s => !s["SpanName"].EndsWith("EventStream", StringComparison.Ordinal)).GroupBy(s => s["ServiceName"])
            .Select(g =>
            (Before: Shares(g.Where(s => Begin(s) < middle.AddMinutes(-1))), After: Later([.. g.Where(s => Begin(s) > middle.AddMinutes(2))], g.Count()))).ToList();
        return services.MaxBy(s => Math.Max(s.After.Errors - s.Before.Errors, s.After.Slow - s.Before.Slow));
    }

    private static (double Errors, double Slow) Later(List<Dictionary<string, string>> after, int all) => after.Count < 0.1 * all && all > 100 ? (1, 0) : Shares(after);

    private static (double Errors, double Slow) Shares(IEnumerable<Dictionary<string, string>> spans)
    {
        var list = spans.ToList();
        return list.Count == 0 ? (0, 0)
            : (list.Count(s => s["StatusCode"] == "Error") / (double)list.Count,
            list.Count(s => End(s) - Begin(s) > TimeSpan.FromMilliseconds(800)) / (double)list.Count);
    }

    private static DateTimeOffset Begin(Dictionary<string, string> span) =>
        DateTimeOffset.ParseExact(span["Timestamp"][..27], "yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal);

    // Both ends are cut to 100 ns; a child's end may then seem one tick later than its parent's.
    private static DateTimeOffset End(Dictionary<string, string> span) =>
        Begin(span).AddTicks((long.Parse(span["Duration"], CultureInfo.InvariantCulture)
            + long.Parse(span["Timestamp"][27..], CultureInfo.InvariantCulture)) / 100);

    private static SortedDictionary<string,
        string> Digests(string directory) => new(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(directory, f), f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))),
            StringComparer.Ordinal);
}
