using System.Diagnostics;
using System.Text;
using Copilot.Core.Approvals;
using Copilot.Tests.Storage;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>Races others for requests in a process of its own until it is killed: this executable again, as <see cref="Program"/> tells it apart.</summary>
internal static class RacingProcess
{
    public const string Race = "race";

    /// <summary>Asks, votes and takes over whatever is open, and says each taking as soon as it is durable.</summary>
    internal static void DoRace(string data)
    {
        using var output = Console.OpenStandardOutput();
        using var folder = new BookFolder(data, setClock: false);
        var incident = folder.NewIncident();
        for (var round = 0; round < 100_000; round++)
        {
            // The last of all is the other process's as often as this one's.
            folder.Book.Ask(Asked.Ask(Asked.OneOncall) with { Incident = incident }, $"cause-{round % 5}");
            foreach (var request in folder.Book.List(openOnly: true, most: 6))
            {
                folder.Vote(request.Id, round % 2 == 0 ? "ann" : "bob");
                if (folder.Take(request.Id, round % 2 == 0 ? "cat" : "dan") is not ApprovalResult.Moved { Request: { State: ApprovalState.HandedOff } taken }) continue;
                output.Write(Encoding.UTF8.GetBytes($"\ntook {ApprovalRaceTests.Line(taken)}\n"));
            }
        }
    }

    /// <returns>What it said that it had taken, before it was killed.</returns>
    internal static async Task<IReadOnlyList<string>> KillAfter(string folder, int lines, CancellationToken cancellation)
    {
        using var process = Process.Start(AppendingProcess.Start(Race, folder))!;
        var (took, others, errors) = (new List<string>(), new StringBuilder(), process.StandardError.ReadToEndAsync(cancellation));
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith("took ", StringComparison.Ordinal)) took.Add(line[5..]);
            else others.AppendLine(line);
            if (took.Count == lines) process.Kill();
        }
        await process.WaitForExitAsync(cancellation);
        Assert.True(took.Count >= lines, $"it ended by itself after {took.Count} of {lines}: {others}{await errors}");
        return took;
    }
}
