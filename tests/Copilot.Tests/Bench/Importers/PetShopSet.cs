using System.Globalization;
using System.Text;
using System.Text.Json;
using Copilot.Tests.Support;

namespace Copilot.Tests.Bench.Importers;

/// <summary>
/// A small scenario in PetShop's layout, made up by hand: shop calls stock, which gets slow in one issue and fails in another. The normal period was recorded
/// half a year after the issues, as in the public set.
/// </summary>
internal sealed class PetShopSet : IDisposable
{
    public const string Stock = "stock_AWS::Lambda::Function";
    private const string Shop = "shop";

    public static readonly DateTimeOffset Issue = new(2023, 4, 18, 20, 2, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Normal = new(2023, 10, 1, 6, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();

    /// <param name="normalRows">0 for a scenario without a normal period.</param>
    public PetShopSet(int normalRows = 150)
    {
        _folder.Write("dataset/small/graph.csv", $",{Shop},{Stock},idle\n{Shop},0.0,1.0,0.0\n{Stock},0.0,0.0,0.0\nidle,0.0,0.0,0.0\n");
        if (normalRows > 0) Metrics("noissue", Normal, normalRows, _ => (0.1, 100));
        Metrics("train/issue_0", Issue, 5, row => (row >= 2 ? 0.9 : 0.1, 100));
        Target("train/issue_0", "latency", Stock);
        Metrics("test/issue_0", Issue.AddHours(1), 5, row => (0.1, row >= 2 ? 60 : 100));
        Target("test/issue_0", "availability", Stock);
    }

    public string Root => _folder.FullName;

    public string Scenario => _folder.Combine("dataset", "small");

    public string File(string name, string content) => _folder.Write($"dataset/small/{name}", content);

    public string Read(string name) => System.IO.File.ReadAllText(_folder.Combine("dataset", "small", name));

    public void Remove(string name) => System.IO.File.Delete(_folder.Combine("dataset", "small", name));

    public void Target(string issue, string metric, string node) => File($"{issue}/target.json", JsonSerializer.Serialize(new
    {
        target = new { node = Shop, metric, agg = "Average", timestamp = Issue.ToUnixTimeSeconds() + 400 },
        root_cause = new { node, metric = (string?)null },
        metadata = new { reproducibility = new { command = "put-parameter /delay" } },
    }));

    public void Dispose() => _folder.Dispose();

    /// <param name="stock">Mean latency in seconds and availability in percent of a row.</param>
    private void Metrics(string folder, DateTimeOffset from, int rows, Func<int, (double Latency, double Availability)> stock)
    {
        string[] columns = ["latency Average", "latency p95", "requests Sum", "availability Average"];
        var text = new StringBuilder();
        Row("microservice", (node, _) => node);
        Row("metric", (_, column) => column.Split(' ')[0]);
        Row("statistic", (_, column) => column.Split(' ')[1]);
        Row("unix_timestamp", (_, _) => "");
        for (var i = 0; i < rows; i++)
        {
            var (latency, availability) = stock(i);
            // Some noise, or no spread at all would make a trifle a change.
            var wave = 1 + (0.05 * Math.Sin(i));
            Row($"{from.AddMinutes(5 * i).ToUnixTimeSeconds()}.0", (node, column) => (node, column) switch
            {
                ("idle", "requests Sum") => "0.0",
                ("idle", _) => "",
                (_, "requests Sum") => "200.0",
                (Shop, "availability Average") => Text(100 - ((100 - availability) / 2)),
                (_, "availability Average") => Text(availability),
                (Shop, "latency Average") => Text((latency + 0.05) * wave),
                (_, "latency Average") => Text(latency * wave),
                (Shop, _) => Text((latency + 0.05) * 2 * wave),
                (_, _) => Text(latency * 2 * wave),
            });
        }
        File($"{folder}/metrics.csv", text.ToString());

        void Row(string first, Func<string, string, string> value) =>
            text.Append(string.Join(',', columns.SelectMany(c => new[] { Shop, Stock, "idle" }.Select(n => value(n, c))).Prepend(first))).Append('\n');
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
