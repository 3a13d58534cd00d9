using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>Words and times of alerts.</summary>
internal static class AlertWords
{
    // What an alert is about, the most telling label first. Plain "service", "pod" and "instance" are often those of the exporter.
    private static readonly string[] Telling =
        ["deployment", "statefulset", "daemonset", "job_name", "cronjob", "service_name", "exported_service", "exported_pod", "persistentvolumeclaim", "node", "pod", "service", "app", "instance"];

    /// <summary>When it began: it says so itself, else when it was seen first.</summary>
    public static DateTimeOffset Began(AlertSignal alert) => alert.FirstActive is { } active && active < alert.FirstSeen ? active : alert.FirstSeen;

    /// <summary><c>for cart</c>, with a space in front; empty where no label tells.</summary>
    public static string About(AlertSignal alert) => Of(alert) is { Length: > 0 } name ? $" for {name}" : "";

    public static string Of(AlertSignal alert) => Telling.Select(alert.Label).FirstOrDefault(l => l.Length > 0) ?? "";
}
