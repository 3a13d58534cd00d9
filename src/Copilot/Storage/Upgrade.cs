using Copilot.Engine.Yaml;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>Brings a database up to date, one process at a time.</summary>
internal static class Upgrade
{
    /// <summary>All migrations in their order, so that looking whether one is missing needs no reflection. A test compares it with those there are.</summary>
    public static readonly IReadOnlyList<string> Known = ["20261125050040_ReceiptsAndIncidents", "20261129062654_DurableWork", "20261129174011_TransparencyLog", "20261130081032_Approvals", "20261130161321_Executors", "20261201025709_PoliciesInForce"];

    public static void BringUpToDate(string database)
    {
        if (File.Exists(database) && IsUpToDate(database)) return;
        using var turn = OwnFiles.Lock(database + ".lock", Connections.Patience);
        OwnFiles.MakeEmpty(database);
        if (IsUpToDate(database)) return;
        RemoveAbandonedLock(database);
        using var db = new CopilotDb(Connections.To(database));
        db.Database.Migrate();
    }

    private static bool IsUpToDate(string database)
    {
        using var connection = Connections.Open(database);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1 FROM sqlite_master WHERE name = '__EFMigrationsHistory'";
        if (command.ExecuteScalar() is null) return false;
        command.CommandText = "SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId";
        var applied = new List<string>();
        using (var reader = command.ExecuteReader())
            while (reader.Read()) applied.Add(reader.GetString(0));
        if (applied.Except(Known).FirstOrDefault() is { } unknown)
            throw new FileFaultException($"{database} was written by a newer version of the copilot (it has {unknown}). Update the copilot, or name another data folder with --data DIR.");
        return applied.Count == Known.Count;
    }

    // EF keeps others out by a row that stays when its process is killed, and then everybody waits for it for ever. Who holds the lock file is the only one
    // that migrates, and the system lets go of a lock file when its process ends: a row found here belongs to nobody.
    private static void RemoveAbandonedLock(string database)
    {
        using var connection = Connections.Open(database);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1 FROM sqlite_master WHERE name = '__EFMigrationsLock'";
        if (command.ExecuteScalar() is null) return;
        command.CommandText = "DELETE FROM __EFMigrationsLock";
        command.ExecuteNonQuery();
    }
}
