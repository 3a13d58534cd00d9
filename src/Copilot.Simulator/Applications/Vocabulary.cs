namespace Copilot.Simulator.Applications;

/// <summary>Words names are drawn from. None belongs to a public demo application, so nothing can be learnt by heart.</summary>
internal static class Vocabulary
{
    public static readonly string[][] Domains =
    [
        ["bookings", "fares", "itinerary", "seating", "loyalty", "baggage", "passenger", "gates", "refunds", "timetable", "vouchers", "crew",
            "upgrades", "alerts"],
        ["patients", "referrals", "lab-results", "prescriptions", "scheduling", "imaging", "consent", "triage", "wards", "claims", "dosage",
            "vitals", "handover", "rota"],
        ["ledger", "transfers", "accounts", "statements", "limits", "rates", "kyc", "cards", "disputes", "mandates", "beneficiaries",
            "standing-orders", "sanctions", "balances"],
        ["parcels", "routing", "depots", "manifests", "customs", "tracking", "drivers", "slots", "tariffs", "labels", "returns-desk", "fleet",
            "pallets", "weighing"],
        ["library", "playlists", "playback", "lyrics", "profiles", "licensing", "charts", "uploads", "transcode", "follows", "concerts", "royalties",
            "artwork", "sessions"],
        ["meters", "readings", "forecast", "outages", "grid", "contracts", "settlement", "sites", "telemetry-in", "dispatch", "curves", "capacity",
            "faultlines", "crews"],
    ];

    public static readonly string[] Gateways = ["edge", "portal", "public-api", "web-bff", "entry", "front-door", "api-gateway", "web"];

    public static readonly string[] Environments = ["prod", "live", "staging", "eu1", "blue", "core", ""];

    public static readonly string[] Verbs = ["Get", "List", "Find", "Create", "Update", "Check", "Resolve", "Reserve", "Compute", "Fetch"];

    public static readonly string[] Nouns = ["Item", "Summary", "Batch", "Detail", "Record", "Entry", "Overview", "Status"];

    /// <summary>Who makes changes by hand or by script, whatever brought the application into the cluster.</summary>
    private static readonly string[] Hands = ["kubectl-edit", "kubectl-patch", "kubectl-client-side-apply", "OpenAPI-Generator", "python-requests", "k9s", "pulumi-kubernetes"];

    /// <summary>Who makes a change: mostly what delivers the application, sometimes one of the two tools that its people use past it. Causes and decoys draw alike.</summary>
    public static string Actor(Application application, Chance chance) => application.Delivery switch
    {
        Delivery.ArgoCd when chance.Happens(0.5) => "argocd-controller",
        Delivery.Flux when chance.Happens(0.5) => "kustomize-controller",
        Delivery.Terraform when chance.Happens(0.5) => "Terraform",
        Delivery.Helm when chance.Happens(0.3) => "helm",
        _ => chance.Pick(application.Hands),
    };

    public static List<string> DrawHands(Chance chance) => chance.Shuffled(Hands)[..2];

    /// <summary>What a family of services in a large application divides into.</summary>
    public static readonly string[] Facets = ["query", "command", "sync", "export", "import", "rules", "audit", "search", "feed", "admin", "history", "pricing"];

    public static readonly string[] Jobs = ["nightly-report", "cleanup-expired", "rollup-usage", "backup-check", "reindex", "partner-export", "mail-digest"];

    public static readonly Dictionary<string, string[]> Releases = new()
    {
        ["postgresql"] = ["13.14", "14.11", "15.6", "16.2", "17.0"],
        ["mysql"] = ["8.0.36", "8.0.39", "8.4.0"],
        ["redis"] = ["6.2.14", "7.0.15", "7.2.4"],
        ["kafka"] = ["3.5.2", "3.6.1", "3.7.0"],
        ["rabbitmq"] = ["3.11.28", "3.12.13", "3.13.1"],
    };

    public static readonly string[] Teams = ["harbour", "orchard", "granite", "lantern", "meadow", "compass"];

    public static readonly string[] FlagTopics =
        ["strictValidation", "newRanking", "asyncWrites", "bulkPath", "legacyFallback", "shadowReads", "eagerRefresh", "compactPayload",
            "doubleCheck", "fastLane"];

    public static readonly string[] Registries = ["registry.example.com", "ghcr.io/acme-platform", "eu.gcr.io/acme-runtime", "quay.io/acme"];

    public static readonly string[] Zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];

    public static readonly string[] InfoLines =
    [
        "{op} handled in {ms}ms", "request {op} ok id={id}", "{op} completed status=ok duration_ms={ms}",
        "processed {op} for tenant {n}", "{op}: {n} rows returned", "finished {op} ref={id} took {ms} ms",
    ];

    public static readonly string[] HarmlessWarnings =
    [
        "slow garbage collection observed: {ms}ms", "configuration key metrics.legacy is deprecated", "connection pool reached {n}% of its size",
        "clock skew of {ms}ms to peer detected", "retrying export of {n} telemetry items", "unknown header x-client-hint ignored",
    ];

    public static string Camel(string name) =>
        string.Concat(name.Split('-', '_').Where(p => p.Length > 0).Select(p => char.ToUpperInvariant(p[0]) + p[1..]));

    public static string Variable(string name) => name.Replace('-', '_').ToUpperInvariant();
}
