using System.ComponentModel.DataAnnotations;

namespace Copilot.Configuration;

/// <summary>The section <c>Copilot</c> of appsettings.json and the environment (<c>Copilot__Investigation__Parallelism</c>).</summary>
internal sealed class CopilotOptions
{
    public const string Section = "Copilot";

    public InvestigationOptions Investigation { get; init; } = new();

    public PolicyOptions Policy { get; init; } = new();

    public ArchiveOptions Archives { get; init; } = new();

    public OwnersOptions Owners { get; init; } = new();

    public LoggingOptions Logging { get; init; } = new();

    public RunbookOptions Runbooks { get; init; } = new();

    public ServeOptions Serve { get; init; } = new();

    public QueueOptions Queue { get; init; } = new();

    public AlertOptions Alerts { get; init; } = new();

    public TelemetryOptions Telemetry { get; init; } = new();

    public RetentionOptions Retention { get; init; } = new();

    public ReceiptOptions Receipts { get; init; } = new();

    public ApprovalOptions Approvals { get; init; } = new();

    public KubernetesOptions Kubernetes { get; init; } = new();
}

internal sealed class InvestigationOptions
{
    /// <summary>How many files or snapshots are read at a time; 0 for one a core.</summary>
    [Range(0, 256)]
    public int Parallelism { get; init; }

    public int Workers => Parallelism > 0 ? Parallelism : Math.Max(1, Environment.ProcessorCount);
}

internal sealed class PolicyOptions
{
    /// <summary>The policy file; empty for the shipped policies/default.yaml.</summary>
    public string File { get; init; } = "";

    /// <summary>A policy that is tried out: what it would decide is recorded and changes nothing; empty for none.</summary>
    public string Shadow { get; init; } = "";

    /// <summary>The environment of what is watched, as the policy names it; empty when unknown, which is stricter.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The name of the watched cluster; empty when unknown.</summary>
    public string Cluster { get; init; } = "";
}

internal sealed class ArchiveOptions
{
    /// <summary>Most that one archive may unpack to, bytes.</summary>
    [Range(1 << 20, 1L << 44)]
    public long MaxBytes { get; init; } = 8L << 30;

    [Range(1, 10_000_000)]
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>Most bytes unpacked for one byte packed.</summary>
    [Range(10.0, 100_000.0)]
    public double MaxRatio { get; init; } = 400;

    /// <summary>How much unpacked archives may take in the data folder; those used longest ago go first.</summary>
    [Range(0, 1L << 44)]
    public long CacheBytes { get; init; } = 8L << 30;
}

internal sealed class OwnersOptions
{
    /// <summary>The file that says who answers for what; empty for none.</summary>
    public string File { get; init; } = "";
}

internal sealed class LoggingOptions
{
    /// <summary>The least level that is written to the log file.</summary>
    [AllowedValues("Verbose", "Debug", "Information", "Warning", "Error", "Fatal")]
    public string Level { get; init; } = "Information";

    /// <summary>How many daily files are kept.</summary>
    [Range(1, 1000)]
    public int KeepFiles { get; init; } = 14;
}

internal sealed class RunbookOptions
{
    /// <summary>The folder with the runbooks; empty for those that are shipped.</summary>
    public string Folder { get; init; } = "";
}

internal sealed class ServeOptions
{
    /// <summary>The port on the loopback interface; 0 for any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; init; } = 7433;

    /// <summary>The folder whose snapshots may be named over HTTP; empty for <c>snapshots</c> in the data folder. Nothing outside of it can be.</summary>
    public string Snapshots { get; init; } = "";

    /// <summary>Most bytes of one request.</summary>
    [Range(1024, 1 << 28)]
    public int MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>Requests that one caller may send in a second on the average.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>Followers of progress at a time.</summary>
    [Range(1, 10_000)]
    public int MaxStreams { get; init; } = 100;

    /// <summary>How long running investigations may go on after the process was asked to stop; then they wait for the next start.</summary>
    [Range(0, 600)]
    public int ShutdownSeconds { get; init; } = 20;
}

internal sealed class QueueOptions
{
    /// <summary>Investigations at a time.</summary>
    [Range(1, 64)]
    public int Parallelism { get; init; } = 1;

    /// <summary>Most that may wait; further requests are refused until there is room.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; init; } = 1000;

    /// <summary>How long after it was due an investigation is still of use.</summary>
    [Range(1, 7 * 24 * 3600)]
    public int DeadlineSeconds { get; init; } = 3600;

    /// <summary>How often one is begun that fails, or that the process does not survive.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; init; } = 3;
}

internal sealed class AlertOptions
{
    /// <summary>What alerts are investigated from, a directory or an archive; empty for the alerts alone, which shows little.</summary>
    public string Snapshot { get; init; } = "";

    /// <summary>How long the first alert of an incident waits for others.</summary>
    [Range(0, 3600)]
    public int WaitSeconds { get; init; } = 30;

    /// <summary>How long after an investigation further alerts of its incident lead to another one.</summary>
    [Range(0, 24 * 3600)]
    public int AgainSeconds { get; init; } = 300;

    /// <summary>How far the beginnings of alerts of one incident may be apart.</summary>
    [Range(1, 24 * 3600)]
    public int WindowSeconds { get; init; } = 600;

    /// <summary>The file that says how alerts stand in other systems' JSON; empty for none.</summary>
    public string Mappings { get; init; } = "";
}

internal sealed class TelemetryOptions
{
    /// <summary>Where traces and metrics go by OTLP, such as http://localhost:4317; empty for nowhere.</summary>
    public string Otlp { get; init; } = "";
}

/// <summary>For how long the values are kept that receipts commit to. The receipts themselves stay.</summary>
internal sealed class RetentionOptions
{
    /// <summary>What sources answered.</summary>
    [Range(1, 36_500)]
    public int ResultDays { get; init; } = 30;

    /// <summary>What was asked, and what was delivered.</summary>
    [Range(1, 36_500)]
    public int ArgumentDays { get; init; } = 90;

    /// <summary>What decisions rest on.</summary>
    [Range(1, 36_500)]
    public int DecisionDays { get; init; } = 2557;
}

/// <summary>What the receipt log is kept with.</summary>
internal sealed class ReceiptOptions
{
    /// <summary>Who cosigns the log's checkpoints; none by default.</summary>
    public WitnessOptions[] Witnesses { get; init; } = [];

    /// <summary>How many of the witnesses must have cosigned; 0 for all.</summary>
    [Range(0, 12)]
    public int NeededWitnesses { get; init; }

    /// <summary>How often a served log asks its witnesses.</summary>
    [Range(1, 24 * 3600)]
    public int WitnessSeconds { get; init; } = 300;

    /// <summary>
    /// A command that signs checkpoints, so that the key is never in this process: it gets the message on its standard input and writes the signature, 64 bytes of Ed25519 in base64. Words in
    /// quotes where they hold spaces; no shell is asked. Empty for the key file in the data folder.
    /// </summary>
    public string Signer { get; init; } = "";

    /// <summary>The public key that <see cref="Signer"/> signs with, in the text form of signed notes; its name is that of the log.</summary>
    public string SignerKey { get; init; } = "";

    /// <summary>How long a signature may take.</summary>
    [Range(1, 600)]
    public int SignerSeconds { get; init; } = 10;
}

internal sealed class WitnessOptions
{
    /// <summary>Its address, such as http://127.0.0.1:7434.</summary>
    public string Url { get; init; } = "";

    /// <summary>Its public key: the line in its witness.pub.</summary>
    public string Key { get; init; } = "";
}

/// <summary>How people are asked.</summary>
internal sealed class ApprovalOptions
{
    /// <summary>The file that says who the people are; empty for none, and then nobody can agree to anything.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Environments in which the user of the operating system is known well enough to agree. None by default, and never production.</summary>
    public string[] LowAssuranceIn { get; init; } = [];

    /// <summary>Severities in which the glass may be broken; none stated is sev1 alone.</summary>
    public string[] BreakGlassSeverities { get; init; } = [];

    public IReadOnlyList<string> Gravest => BreakGlassSeverities.Length > 0 ? BreakGlassSeverities : ["sev1"];

    /// <summary>How long a step that was carried out may take to show in the probes.</summary>
    [Range(0, 24 * 3600)]
    public int SettleSeconds { get; init; } = 600;

    /// <summary>How often a served queue looks at what came of steps.</summary>
    [Range(1, 3600)]
    public int LookSeconds { get; init; } = 20;

    /// <summary>
    /// A command that tells people: it gets each notice as a line of JSON on its standard input, and has delivered it when it ends with 0. Words in quotes where they hold spaces; no shell is asked.
    /// Empty for nobody; then <c>approvals list</c> is where to look.
    /// </summary>
    public string Notify { get; init; } = "";
}

/// <summary>The watched cluster. Nothing is ever written to it.</summary>
internal sealed class KubernetesOptions
{
    /// <summary>The kubeconfig of a user that may read; empty when no cluster is connected.</summary>
    public string Kubeconfig { get; init; } = "";

    /// <summary>Its context; empty for the current one.</summary>
    public string Context { get; init; } = "";
}
