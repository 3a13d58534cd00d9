using System.CommandLine;
using Copilot.Core.Diagnoses;
using Copilot.Core.Summaries;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot enrich</c></summary>
internal static class EnrichCommand
{
    private const int MostInFull = 5;

    public static Command Create(CommandLine cli)
    {
        var incident = new IncidentArguments();
        var alert = new Option<string?>("--alert") { HelpName = "NAME", Description = "Only this alert, with what else happened near it and what to look at next (default: a table of all)" };
        var command = incident.Verb("enrich", "What the alerts mean here: what each is about, whether it is old, and which cause explains it.", alert);
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, (mediator, _) => incident.Run(
            mediator, parsed, source => new EnrichAlerts(source, parsed.GetValue(alert)),
            (terminal, alerts) =>
            {
                var page = terminal.Page();
                page.Title(alerts.Incident, alerts.Status, alerts.Summary);
                if (parsed.GetValue(alert) is null) ShowAll(page, alerts);
                else ShowOne(page, alerts);
                page.Gaps(alerts.MissingEvidence, alerts.RemovedStatements);
            },
            SummaryJson.Write, cancellation)));
        return command;
    }

    /// <summary>By what they mean, since that is what they are looked at for.</summary>
    private static void ShowAll(Page page, AlertEnrichment alerts)
    {
        if (alerts.Alerts.Count == 0) page.Head(alerts.Recorded ? "No alert fired" : "No alerts were recorded: that none is seen proves nothing");
        foreach (var group in alerts.Alerts.Where(a => !a.Background).GroupBy(a => (a.Verdict, a.Cause)))
        {
            page.Head(group.Key.Cause.Length > 0 ? $"Explained by {group.Key.Cause}" : Meaning(group.Key.Verdict));
            foreach (var a in group) page.Line($"{a.Since:HH:mm:ss} {(a.Until is { } until ? $"to {until:HH:mm:ss}" : "on"),-11}  {a.Name}{(a.About.Length > 0 ? $" for {a.About}" : "")}", a.Evidence.Address);
        }
        var old = alerts.Alerts.Where(a => a.Background).GroupBy(a => a.Name).ToList();
        if (old.Count > 0) page.Head("Background: firing since before the recording, so they do not tell of this incident");
        foreach (var group in old) page.Line($"{group.Key}{(group.Count() > 1 ? $" ({group.Count()} times)" : "")}", group.First().Evidence.Address);
        if (alerts.Alerts.Any(a => !a.Background)) page.Head("More about one: --alert NAME");
    }

    private static void ShowOne(Page page, AlertEnrichment alerts)
    {
        IReadOnlyList<string> said = [];
        foreach (var a in alerts.Alerts.Take(MostInFull))
        {
            ShowInFull(page, alerts, a);
            // Alerts of one cause have one way on.
            if (a.Next.Count > 0 && a.Next.SequenceEqual(said)) page.Line("Next: as above.");
            else if (a.Next.Count > 0) page.Line("Next:");
            foreach (var next in a.Next.SequenceEqual(said) ? [] : a.Next) page.Line($"- {next}", depth: 2);
            said = a.Next;
        }
        if (alerts.Alerts.Count <= MostInFull) return;
        page.Head($"{alerts.Alerts.Count - MostInFull} more of this name; --json shows them in full");
        foreach (var a in alerts.Alerts.Skip(MostInFull)) page.Line($"{a.Since:HH:mm:ss}  {(a.About.Length > 0 ? a.About : a.Evidence.Says)}: {Meaning(a.Verdict)}", a.Evidence.Address);
    }

    private static void ShowInFull(Page page, AlertEnrichment alerts, EnrichedAlert a)
    {
        page.Head($"{a.Name}{(a.About.Length > 0 ? $" for {a.About}" : "")}");
        page.Line(a.Verdict switch
        {
            "explained" when a.Cause == a.About => "This is the cause.",
            "explained" => $"Explained by {a.Cause}.",
            _ => $"{Meaning(a.Verdict)}.",
        }, style: a.Verdict is "explained" ? "green" : a.Verdict is "background" ? "dim" : "yellow");
        page.Line($"Why: {a.Because}");
        page.Line($"Fires since {a.Since:yyyy-MM-dd HH:mm:ss}{(a.Until is { } until ? $", seen last {until:HH:mm:ss}" : ", still at the end of the recording")}{Relative(alerts.Onset, a)}{(a.Severity.Length > 0 ? $"; severity {a.Severity}" : "")}", a.Evidence.Address);
        page.Line($"Says: {a.Evidence.Says}");
        if (a.Nearby.Count > 0) page.Line("Near it, from 30 min before to 5 min after:");
        foreach (var near in a.Nearby) page.Line($"{near.At:HH:mm:ss}  {SummaryWords.Cut(near.Says, 150)} ({near.Relation})", near.Evidence.Address, depth: 2);
        if (a.NearbyLeftOut > 0) page.Line($"and {a.NearbyLeftOut} more; copilot timeline shows all", depth: 2, style: "dim");
        if (a is { Nearby.Count: 0, About.Length: > 0, Background: false }) page.Line("Near it nothing else is recorded, to it or its neighbours.");
    }

    private static string Meaning(string verdict) => verdict switch
    {
        "explained" => "Explained by the cause",
        "near" => "Perhaps of this incident",
        "earlier" => "From before it got worse",
        "background" => "Background: old",
        _ => "No cause explains it",
    };

    private static string Relative(OnsetEstimate? onset, EnrichedAlert a) => onset is null || a.Background ? ""
        : (a.Since - onset.At).TotalMinutes switch
        {
            > 1 and var later => $"; {later:0} min after it got worse",
            < -1 and var earlier => $"; {-earlier:0} min before it got worse",
            _ => "; when it got worse",
        };
}
