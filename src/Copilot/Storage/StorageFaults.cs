using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>Puts into words what SQLite and the file system report.</summary>
internal static class StorageFaults
{
    // https://sqlite.org/rescode.html
    private const int Error = 1, Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, Protocol = 15, NotADatabase = 26;

    /// <summary>The fault in words, or null for what is no fault of files: a defect.</summary>
    public static string? Reason(Exception exception, string database) => exception switch
    {
        DbUpdateException { InnerException: SqliteException inner } => Reason(inner, database),
        SqliteException sqlite => Reason(sqlite, database),
        IOException or UnauthorizedAccessException => $"{database} or a file beside it cannot be used ({exception.Message.TrimEnd('.')}). Free some space, mend the permissions, or name another data folder with --data DIR.",
        _ => null,
    };

    private static string? Reason(SqliteException exception, string database) => exception.SqliteErrorCode switch
    {
        Busy or Locked => $"{database} has been locked by another process for more than {Connections.Patience.TotalSeconds:0} seconds. Wait until it is done or end it, then try again.",
        ReadOnly or CannotOpen => $"{database} cannot be opened for writing. Mend the permissions of the file and of its folder, or name another data folder with --data DIR.",
        // SQLite gives up on its locks after some seconds when the system refuses them.
        InputOutput or Full or Protocol => $"{database} could not be written: the disk is full or failing ({Said(exception)}). Nothing was recorded. Free some space, or name another data folder with --data DIR.",
        Corrupt => $"{database} is damaged ({Said(exception)}). Put a copy in its place that is whole; receipts.head beside it says how many receipts it must have.",
        // Nothing else that is asked for can be missing.
        Error when Said(exception).StartsWith("no such table", StringComparison.Ordinal) => $"{database} has not the tables of the copilot ({Said(exception)}): it was replaced while in use. Put the newest whole copy of it back.",
        NotADatabase => $"{database} is no database of the copilot. Move it away, put a whole copy in its place, or name another data folder with --data DIR.",
        _ => null,
    };

    // "SQLite Error 13: 'database or disk is full'."
    private static string Said(SqliteException exception) => exception.Message.Split('\'') is [_, var said, ..] ? said : exception.Message;
}
