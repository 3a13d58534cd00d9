using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary>Requests for approval on the terminal.</summary>
internal static class ApprovalView
{
    public static JsonArray Json(IEnumerable<ApprovalRequest> requests) => [.. requests.Select(r => (JsonNode)ApprovalJson.ToJson(r))];

    /// <summary>What was asked.</summary>
    public static int Write(Terminal terminal, AskedApproval asked)
    {
        if (!asked.IsNew) terminal.Line("The very same was asked already.");
        Write(terminal, asked.Request, []);
        return asked.Request.State == ApprovalState.Prohibited ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>The exact text that is agreed to, then how it stands.</summary>
    public static void Write(Terminal terminal, ApprovalRequest request, IReadOnlyList<ApprovalRequirement> missing)
    {
        terminal.Line($"{request.Id}  {Name(request.State)}: {PlainText.Clean(request.Because)}");
        terminal.Line("");
        terminal.Raw(request.Ask.Presented);
        terminal.Line("");
        foreach (var vote in request.Votes) terminal.Line(PlainText.Clean($"{(vote.Approves ? "approved" : "rejected")} by {vote.Person} ({vote.Assurance}) at {vote.At:HH:mm:ss}{(vote.Reason.Length > 0 ? $": {vote.Reason}" : "")}"));
        if (missing.Count > 0) terminal.Line($"still asked for: {string.Join(", ", missing.Select(m => $"{m.Count} {m.Role} ({m.Group})"))}");
        if (request.EndsAt is { } end) terminal.Line($"until {end:yyyy-MM-dd HH:mm:ss} UTC");
        if (request.BrokenGlass is { } broken) terminal.Line(PlainText.Clean($"glass broken by {broken.Person}: {broken.Reason}; {Review(broken)}"));
        foreach (var step in request.Execution?.Steps ?? []) terminal.Line(PlainText.Clean($"step {step.Step + 1} {step.Outcome.Replace('_', ' ')} by {request.Execution!.Executor}: {step.Says}"));
        foreach (var step in request.RollbackRun?.Steps ?? []) terminal.Line(PlainText.Clean($"step {step.Step + 1} taken back, {step.Outcome.Replace('_', ' ')} by {request.RollbackRun!.Executor}: {step.Says}"));
        foreach (var reading in request.Observation?.Readings ?? []) terminal.Line(PlainText.Clean($"{reading.Outcome.Replace('_', ' ')}: {reading.Check} {reading.Subject}, {reading.Says}"));
        switch (request.State)
        {
            case ApprovalState.Pending:
                terminal.Line($"To agree to exactly this:  copilot approvals approve {Short(request)} --seen {Code(request)}");
                break;
            case ApprovalState.Ready when request.Ask.Executor is { } executor:
                terminal.Line($"{executor} carries it out as soon as it asks for work. To run it by hand instead:  copilot approvals take {Short(request)}");
                break;
            case ApprovalState.Ready when request.Ask.Incident is null:
                terminal.Line($"To put it in force:  copilot approvals take {Short(request)}");
                break;
            case ApprovalState.Ready:
                terminal.Line($"To run it by hand:  copilot approvals take {Short(request)}");
                break;
            case ApprovalState.HandedOff:
                terminal.Line($"{request.HandedTo!.Person} runs it. When that is done:  copilot approvals report {Short(request)} done");
                break;
            case ApprovalState.Verifying when request.Worked is null:
                terminal.Line($"To look at what came of it:  copilot approvals verify {Short(request)} --wait");
                terminal.Line($"What the copilot cannot see, {request.WorkedBy} says:  copilot approvals report {Short(request)} worked|failed");
                break;
            case ApprovalState.Verifying or ApprovalState.RollingBack:
                terminal.Line($"To look at what came of it:  copilot approvals verify {Short(request)} --wait");
                break;
            case ApprovalState.RollbackPending when request.Execution is { } run:
                terminal.Line($"{run.Executor} takes it back as soon as it asks for work.");
                break;
            case ApprovalState.Partial or ApprovalState.Halted:
                terminal.Line($"{request.Execution!.Executor} looks how far it came as soon as it asks for work.");
                break;
            case ApprovalState.RollbackPending:
                terminal.Line($"To take it back:  copilot approvals take {Short(request)} --back");
                break;
        }
    }

    public static void Write(Terminal terminal, ApprovalQueue queue, bool all)
    {
        if (queue.Requests.Count == 0) terminal.Line(all ? "Nothing was asked for yet. \"copilot approvals request INCIDENT\" asks for what an investigation proposes." : "Nothing waits for anybody.");
        else
            terminal.Table(["id", "cause", "steps", "state", "until (UTC)", "because"], queue.Requests.Select(r => new[]
            {
                r.Id, Text(r.Ask.Plan["cause"]), string.Join(", ", r.Ask.Plan["steps"]!.AsArray().Select(s => Text(s!["kind"]))), Name(r.State),
                r.EndsAt is { } end ? end.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "", r.BrokenGlass is { ReviewedBy: null } broken ? $"{r.Because}; {Review(broken)}" : r.Because,
            }));
        if (queue.ApprovedInHour.Count > 0) terminal.Line($"approved in the last hour: {string.Join(", ", queue.ApprovedInHour.OrderByDescending(p => p.Value).Select(p => $"{PlainText.Clean(p.Key)} {p.Value}"))}");
    }

    /// <summary>A scene of a rehearsal.</summary>
    public static void Write(Terminal terminal, RehearsedScene scene)
    {
        terminal.Line($"> {scene.Says}");
        foreach (var line in scene.Lines) terminal.Line($"  {PlainText.Clean(line)}");
        if (scene.Asked is { } asked) Write(terminal, asked, []);
        if (scene.Result is ApprovalResult.Refused refused) terminal.Line($"refused: {PlainText.Clean(refused.Why)}");
        else if (scene.Result is { } result) Write(terminal, result);
        terminal.Line("");
    }

    /// <summary>What came of what somebody wanted. What is handed over comes with the commands to run.</summary>
    public static int Write(Terminal terminal, ApprovalResult result)
    {
        switch (result)
        {
            case ApprovalResult.Refused refused:
                terminal.Note($"refused: {PlainText.Clean(refused.Why)}");
                return ExitCode.Failed;
            case ApprovalResult.Same same:
                terminal.Line(PlainText.Clean($"{same.Request.Id}  {Name(same.Request.State)}: {same.Why}"));
                return ExitCode.Done;
            case ApprovalResult.Moved moved:
                var request = moved.Request;
                terminal.Line(PlainText.Clean($"{request.Id}  {Name(request.State)}: {request.Because}"));
                foreach (var difference in moved.Events.OfType<ApprovalEvent.Ended>().SelectMany(e => e.Differences)) terminal.Line($"  {PlainText.Clean(difference)}");
                foreach (var reading in moved.Events.OfType<ApprovalEvent.Observed>().SelectMany(e => e.Readings)) terminal.Line(PlainText.Clean($"  {reading.Outcome.Replace('_', ' ')}: {reading.Check} {reading.Subject}, {reading.Says}"));
                if (request.State is ApprovalState.HandedOff or ApprovalState.RollingBack && moved.Events is [.., ApprovalEvent.Taken taken]) Commands(terminal, request, taken);
                return request.State is ApprovalState.Drifted or ApprovalState.Revoked or ApprovalState.RollbackPending or ApprovalState.NeedsHuman ? ExitCode.Failed : ExitCode.Done;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public static string Name(ApprovalState state) => state.Name().Replace('_', ' ');

    /// <summary>The beginning of the digest of what is shown, long enough that nobody agrees to another text by chance.</summary>
    public static string Code(ApprovalRequest request) => request.Ask.PresentedDigest["sha256:".Length..][..12];

    private static void Commands(Terminal terminal, ApprovalRequest request, ApprovalEvent.Taken taken)
    {
        var back = request.State == ApprovalState.RollingBack;
        terminal.Line("");
        // The way back goes backwards.
        foreach (var command in back ? request.Ask.Commands.Reverse() : request.Ask.Commands)
        {
            if (back && command.Back is null) continue;
            terminal.Line(back ? command.Back! : command.Does);
        }
        terminal.Line("");
        if (!back && request.Ask.Commands.Any(c => c.Back is not null))
        {
            terminal.Line("The way back, should it make things worse:");
            foreach (var command in request.Ask.Commands.Reverse().Where(c => c.Back is not null)) terminal.Line($"  {command.Back}");
        }
        terminal.Line($"Say by {taken.Until:HH:mm:ss} UTC whether you ran it:  copilot approvals report {Short(request)} done");
    }

    private static string Review(BrokenGlass broken) => broken.ReviewedBy is { } judge ? $"{(broken.Justified == true ? "justified" : "not justified")}, says {judge}: {broken.Review}" : $"{(broken.Overdue ? "review overdue since" : "to be reviewed by")} {broken.ReviewBy:yyyy-MM-dd HH:mm} UTC";

    private static string Short(ApprovalRequest request) => request.Id[^6..];

    private static string Text(JsonNode? node) => PlainText.Clean(node?.GetValue<string>() ?? "");
}
