using System.Text.RegularExpressions;
using Copilot.Core.Actions;
using Copilot.Core.Evidence;
using Xunit;

namespace Copilot.Tests.Actions;

/// <summary>What must hold for every runbook that is shipped, whoever writes it.</summary>
public sealed partial class ShippedRunbooksTests
{
    private static readonly RunbookSet Set = ShippedRunbooks.Load();

    public static TheoryData<string> Names => [.. Set.All.Select(r => r.Name)];

    [Fact]
    public void Mechanisms_EachHasExactlyOneRunbook() =>
        Assert.Equal(ShippedRunbooks.Mechanisms.Order(), Set.All.SelectMany(r => r.Mechanisms).Order());

    [Fact]
    public void Folder_BesideTheExecutable_HoldsTheSameRunbooks()
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "runbooks");

        Assert.All(Set.All, r => Assert.Equal(File.ReadAllText(r.File), File.ReadAllText(Path.Combine(shipped, r.Name, "SKILL.md"))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Runbook_Length_IsForReadingUnderPressure(string name)
    {
        var lines = File.ReadAllLines(Set.Find(name)!.File);

        Assert.InRange(lines.Length, 35, 70);
    }

    /// <summary>A step whose natural condition nobody asks for would be proposed blindly.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Runbook_EachStep_AsksForWhatItNeeds(string name)
    {
        var runbook = Set.Find(name)!;
        var needs = new Dictionary<ActionKind, RunbookPrecondition[]>
        {
            [ActionKind.RolloutUndo] = [RunbookPrecondition.ChangeRecorded, RunbookPrecondition.EarlierStateRecorded, RunbookPrecondition.NotCreated, RunbookPrecondition.TargetIsWorkload],
            [ActionKind.ObjectRevert] = [RunbookPrecondition.ChangeRecorded, RunbookPrecondition.EarlierStateRecorded, RunbookPrecondition.NotCreated, RunbookPrecondition.TargetIsRevertible],
            [ActionKind.RolloutRestart] = [RunbookPrecondition.TargetIsWorkload, RunbookPrecondition.NotADatastore],
            [ActionKind.Scale] = [RunbookPrecondition.TargetIsWorkload, RunbookPrecondition.EarlierReplicasKnown, RunbookPrecondition.NotADatastore],
            [ActionKind.ArgoCdSync] = [RunbookPrecondition.ChangeRecorded],
            [ActionKind.FeatureFlagSet] = [RunbookPrecondition.ChangeRecorded, RunbookPrecondition.FlagVariantKnown],
            [ActionKind.NodeUncordon] = [RunbookPrecondition.NodeCordoned],
            [ActionKind.ChaosPause] = [RunbookPrecondition.ChaosRunning],
        };

        Assert.All(runbook.Actions, kind => Assert.Empty(needs[kind].Except(runbook.PreconditionsOf(kind))));
        Assert.All(runbook.Preconditions, p => Assert.Contains(runbook.Actions, p.Concerns.Contains));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Runbook_WithoutStep_SaysSoAndWhomToCall(string name)
    {
        var runbook = Set.Find(name)!;
        if (runbook.Actions.Count > 0) return;

        Assert.Contains("No step is proposed", runbook.Body);
        Assert.Matches(@"\b[Cc]all the |[Ee]scalate to |Open a case with ", runbook.Body);
        Assert.Empty(runbook.Preconditions);
        Assert.StartsWith("Nothing is changed", runbook.Rollback);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Runbook_ThatRevertsAnObject_MindsGitOps(string name)
    {
        var runbook = Set.Find(name)!;
        if (!runbook.Actions.Contains(ActionKind.ObjectRevert)) return;

        Assert.Contains("Argo CD", runbook.Body);
        Assert.Contains("Git", runbook.Body);
    }

    /// <summary>What people paste from "Check first" must not change anything.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Runbook_Commands_OnlyRead(string name)
    {
        var verbs = Kubectl().Matches(Set.Find(name)!.Body).Select(m => m.Groups["verb"].Value).ToList();

        Assert.NotEmpty(verbs);
        Assert.All(verbs, v => Assert.Contains(v, new[] { "get", "describe", "logs", "top", "rollout history", "exec", "set env", "api-resources" }));
        Assert.All(SetEnv().Matches(Set.Find(name)!.Body), m => Assert.Contains("--list", m.Value));
        Assert.All(Exec().Matches(Set.Find(name)!.Body), m => Assert.Matches("-- df -[hi]$", m.Value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Runbook_Queries_AreThere(string name)
    {
        if (name is "network-policy" or "credential") return; // what counts there is a rule or a time, which is no metric
        Assert.Matches(@"\b(rate|deriv|changes|histogram_quantile|kube_\w+|topk|sum)\b", Set.Find(name)!.Body);
    }

    /// <summary>Cleaning takes secrets out of what is shown; a runbook must not read like one.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Runbook_Text_PassesCleaningUnchanged(string name)
    {
        var runbook = Set.Find(name)!;

        Assert.All([runbook.Description, runbook.Rollback, .. runbook.Body.Split('\n')], line => Assert.Equal(line.Trim(), PlainText.Clean(line)));
    }

    /// <summary>"See memory" must lead somewhere.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Runbook_References_LeadToRunbooks(string name) =>
        Assert.All(See().Matches(Set.Find(name)!.Body).SelectMany(m => m.Groups["name"].Captures), c => Assert.NotNull(Set.Find(c.Value)));

    [GeneratedRegex(@"kubectl(?: -n \S+)? (?<verb>rollout history|set env|[a-z-]+)")]
    private static partial Regex Kubectl();

    [GeneratedRegex("kubectl.* set env .*$", RegexOptions.Multiline)]
    private static partial Regex SetEnv();

    [GeneratedRegex("kubectl.* exec .*$", RegexOptions.Multiline)]
    private static partial Regex Exec();

    [GeneratedRegex(@"[Ss]ee (?<name>[a-z]+(-[a-z]+)*)(, (?<name>[a-z]+(-[a-z]+)*))*(?=[.;)\n])")]
    private static partial Regex See();
}
