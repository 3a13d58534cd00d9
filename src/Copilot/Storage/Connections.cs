using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Copilot.Storage;

/// <summary>How every connection to the database is made.</summary>
internal static class Connections
{
    /// <summary>How long one waits for another process to finish its transaction.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static DbContextOptions<CopilotDb> To(string file) =>
        new DbContextOptionsBuilder<CopilotDb>().UseSqlite(Text(file)).AddInterceptors(SetUp.Instance).Options;

    /// <summary>A plain connection, set up in the same way.</summary>
    public static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(Text(file));
        try
        {
            connection.Open();
            SetUp.Apply(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Without a pool no connection outlives its use: a database that was replaced is never taken for the one before.
    public static string Text(string file) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Pooling = false,
        DefaultTimeout = (int)Patience.TotalSeconds,
    }.ToString();

    private sealed class SetUp : DbConnectionInterceptor
    {
        public static readonly SetUp Instance = new();

        public static void Apply(DbConnection connection)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"""
                PRAGMA busy_timeout = {(int)Patience.TotalMilliseconds};
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA foreign_keys = ON;
                PRAGMA temp_store = MEMORY;
                PRAGMA secure_delete = ON;
                """;
            command.ExecuteNonQuery();
        }

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Apply(connection);
            return Task.CompletedTask;
        }
    }
}
