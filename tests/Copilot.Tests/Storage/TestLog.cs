using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Microsoft.Data.Sqlite;
using Serilog;

namespace Copilot.Tests.Storage;

/// <summary>A receipt log in a folder, as one process would hold it.</summary>
internal sealed class TestLog : IDisposable
{
    public TestLog(string folder, TimeProvider? clock = null, ILogger? logger = null)
    {
        Store = new(folder);
        Log = new(Store, clock ?? TimeProvider.System, logger ?? Serilog.Core.Logger.None);
    }

    public CopilotStore Store { get; }

    public ReceiptLog Log { get; }

    public static ReceiptDraft Draft(int number, string stream = "reads") => new(ReceiptType.ReportIssued, stream, $"report-{number}", new JsonObject
    {
        ["schema"] = "copilot-diagnosis/1",
        ["digest"] = $"sha256:{number:x64}",
        ["bytes"] = number,
    });

    /// <summary>Appends so many receipts one by one.</summary>
    public void Append(int count, string stream = "reads")
    {
        for (var i = 0; i < count; i++) Log.Append([Draft(i, stream)]);
    }

    /// <summary>SQL on the database as somebody with the sqlite3 program would run it.</summary>
    public static int Sql(string folder, string text, params (string Name, object Value)[] parameters)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, CopilotStore.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command.ExecuteNonQuery();
    }

    /// <summary>What whoever owns the file can always do.</summary>
    public static void DropTriggers(string folder)
    {
        foreach (var trigger in new[] { "Receipts_no_update", "Receipts_no_delete", "Checkpoints_no_update", "Checkpoints_no_delete", "Receipts_no_gap", "Checkpoints_only_forward" })
            Sql(folder, $"DROP TRIGGER {trigger}");
    }

    public void Dispose() => Log.Dispose();
}
