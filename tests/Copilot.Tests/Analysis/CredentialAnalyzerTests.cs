using Copilot.Core.Analysis;
using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>A web site with a Secret in its environment and another one in files, which calls a bank and is not let in.</summary>
public sealed class CredentialAnalyzerTests
{
    private const string Expired = "x509: certificate has expired or is not yet valid", Refused = "password authentication failed for user web";

    private static readonly EntityRef InEnvironment = new("shop", "Secret", "web-env"), InFiles = new("shop", "Secret", "web-files");

    private static readonly Workload Web = SmallSignals.Workload("web", InEnvironment, InFiles) with { Mounts = [InFiles] };

    private static readonly Symptom Broken = SmallSignals.Symptom(SymptomKind.BrokenCall, "bank", "web") with { Began = SmallSignals.Onset() };

    private static List<Finding> Find(string says, Workload[] workloads, ObjectChange[] changes, params Symptom[] symptoms) =>
        [.. CredentialAnalyzer.Find(SmallSignals.Context(
            SmallSignals.Empty() with
            {
                Cluster = ClusterState.Empty with { Workloads = workloads },
                Changes = changes,
                Logs = [new("web", null, says, true, SmallSignals.Series(i => i < SmallSignals.Split ? 0 : 3), [new(new("logs.tsv", 21), SmallSignals.Onset().At, says)])],
            },
            symptoms))];

    private static string Secrets(List<Finding> found) => string.Join(',', found.Select(f => f.Entity.Name));

    /// <summary>Passwords stand in the environment as a rule, certificates in files.</summary>
    [Fact]
    public void Find_CertificateProblem_SuspectsTheSecretThatIsMounted()
    {
        Assert.Equal("web-files", Secrets(Find(Expired, [Web], [], Broken)));
        Assert.Equal("web-env,web-files", Secrets(Find(Expired, [Web with { Mounts = [] }], [], Broken)));
        Assert.Equal("web-env,web-files", Secrets(Find(Refused, [Web], [], Broken)));
    }

    [Fact]
    public void Find_CertificateProblemWithACalleeThatHasOne_SuspectsTheCallees()
    {
        EntityRef own = new("shop", "Secret", "bank-tls"), password = new("shop", "Secret", "bank-password");
        Assert.Equal("bank-tls", Secrets(Find(Expired, [Web, SmallSignals.Workload("bank", password, own) with { Mounts = [own] }], [], Broken)));
    }

    /// <summary>A program reads its Secrets at start; but what started it for a reason of its own says nothing of them.</summary>
    [Theory]
    [InlineData("spec.template.metadata.annotations[kubectl.kubernetes.io/restartedAt]", 1, 2.5)]
    [InlineData("spec.template.spec.containers[app].image", 1, 0)]
    [InlineData("spec.template.metadata.annotations[kubectl.kubernetes.io/restartedAt]", 10, -1)] // it was let in since
    [InlineData("metadata.labels[team]", 1, -1)] // starts nothing
    public void Find_ReaderStartedAnew_SpeaksForItsSecretWhereNothingElseChanged(string path, int minutesBefore, double odds)
    {
        var change = new ObjectChange(Web.Header.Entity, ChangeKind.Modified, SmallSignals.Onset().At.AddMinutes(-minutesBefore), TimeSpan.Zero, Actor.FromManager("kubectl-rollout"), [new(path, "1", "2")], new("objects.tsv", 2), new("objects.tsv", 1));
        Assert.All(Find(Refused, [Web], [change], Broken), f => Assert.Equal(odds, Assert.Single(f.Support, s => s.Says.Contains("started anew", StringComparison.Ordinal)).LogOdds));
    }

    [Fact]
    public void Find_CallThatBreaksForAnotherReason_IsNotTheSecretsDoing()
    {
        var other = SmallSignals.Symptom(SymptomKind.BrokenCall, "cache", "web") with { Message = "connection refused" };
        Assert.All(Find(Refused, [Web], [], Broken with { Message = Refused }, other), f => Assert.Equal(["bank"], f.Reach.Peers));
        Assert.All(Find(Refused, [Web], [], Broken, other with { Message = "" }), f => Assert.Equal(["bank", "cache"], f.Reach.Peers)); // silent ones may
    }
}
