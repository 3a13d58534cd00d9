namespace Copilot.Bench.Reports;

/// <summary>A figure that somebody published.</summary>
/// <param name="Format">The importer's name for the data set.</param>
/// <param name="Data">Which part of it.</param>
public sealed record PublishedResult(string Format, string Data, string Whose, string Figures, string Source);

/// <summary>What others published about the data sets that can be imported, as they say it.</summary>
public static class PublishedResults
{
    private const string AaSource = "artificialanalysis.ai, 3 repeats";
    private const string NezhaSource = "Nezha, ESEC/FSE 2023, table 3, service level, AS@1/3/5";
    private const string PetShopSource = "amazon-science/petshop-root-cause-analysis, RCA-Dataset-Eval notebook, top 1 / top 3 / specificity";
    private const string BaroSource = "BARO, FSE 2024, table 3, mean Avg@5 over faults (t = 0)";
    private const string OpenRcaSource = "microsoft/OpenRCA, modelData.ts, correct / partial";

    public static IReadOnlyList<PublishedResult> All { get; } =
    [
        new("itbench", "ITBench-AA, its own 59 tasks", "GPT-5.6 Sol max", "0.562", AaSource),
        new("itbench", "ITBench-AA, its own 59 tasks", "Opus 4.7", "0.467", AaSource),
        new("itbench", "ITBench-AA, its own 59 tasks", "GPT-5.5 xhigh", "0.458", AaSource),
        new("itbench", "ITBench-AA, its own 59 tasks", "Qwen3.7 Max", "0.425", AaSource),
        new("itbench", "ITBench-AA, its own 59 tasks", "GLM-5.1", "0.400", AaSource),
        new("itbench", "ITBench-AA, its own 59 tasks", "Gemini 3.1 Pro", "0.300", AaSource),
        new("nezha", "Online Boutique, 56 cases", "Nezha", "0.929 / 0.964 / 0.964", NezhaSource),
        new("nezha", "Online Boutique, 56 cases", "PDiagnose", "0.411 / 0.732 / 0.821", NezhaSource),
        new("nezha", "Online Boutique, 56 cases", "MicroRank", "0.411 / 0.482 / 0.625", NezhaSource),
        new("nezha", "Train Ticket, 45 cases", "Nezha", "0.867 / 0.978 / 0.978; 0.711 at worst with ties", NezhaSource + "; ties recomputed from its logged rankings"),
        new("nezha", "Train Ticket, 45 cases", "MicroRCA", "0.200 / 0.311 / 0.444", NezhaSource),
        new("nezha", "Train Ticket, 45 cases", "MicroRank", "0.156 / 0.244 / 0.356", NezhaSource),
        new("petshop", "low traffic, latency", "traversal", "0.571 / 0.571 / 0.167", PetShopSource),
        new("petshop", "low traffic, availability", "traversal", "0.833 / 1.000 / 1.000", PetShopSource),
        new("petshop", "high traffic, latency", "traversal", "0.571 / 0.786 / 0.333", PetShopSource),
        new("petshop", "high traffic, availability", "traversal", "0.667 / 1.000 / 1.000", PetShopSource),
        new("rcaeval", "RE1 Online Boutique / Sock Shop / Train Ticket", "BARO", "0.86 / 0.95 / 0.81", BaroSource),
        new("rcaeval", "RE1 Online Boutique / Sock Shop / Train Ticket", "N-Sigma", "0.86 / 0.96 / 0.77", BaroSource),
        new("rcaeval", "RE1 Online Boutique / Sock Shop / Train Ticket", "CIRCA", "0.77 / 0.95 / 0.70", BaroSource),
        new("rcaeval", "RE2 Train Ticket", "BARO", "Avg@5 0.80", "RCAEval README"),
        new("openrca", "335 cases", "RCA-Agent with Claude 3.5 Sonnet", "0.113 / 0.173", OpenRcaSource),
        new("openrca", "335 cases", "RCA-Agent with GPT-4o", "0.090 / 0.179", OpenRcaSource),
    ];
}
