using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Serilog.Core;
using Xunit;

namespace Copilot.Tests.UseCases;

public sealed class CheckpointBehaviourTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Handle_RequestThatRecorded_SignsACheckpoint()
    {
        using var log = new TestLog(_folder.FullName);

        await Handle(log, () => log.Append(2));

        Assert.Equal([3L], log.Store.Use(db => db.Checkpoints.Select(c => c.Size).ToList()));
    }

    [Fact]
    public async Task Handle_RequestThatFailedOrWasInterrupted_SignsWhatItRecorded()
    {
        using var log = new TestLog(_folder.FullName);

        await Assert.ThrowsAsync<BadInputException>(() => Handle(log, () =>
        {
            log.Append(2);
            throw new BadInputException("x");
        }));
        await Assert.ThrowsAsync<OperationCanceledException>(() => Handle(log, () =>
        {
            log.Append(1);
            throw new OperationCanceledException();
        }));

        Assert.Equal([3L, 4L], log.Store.Use(db => db.Checkpoints.Select(c => c.Size).ToList()));
    }

    [Fact]
    public async Task Handle_RequestThatRecordedNothing_OpensNothing()
    {
        using var log = new TestLog(_folder.FullName);

        await Handle(log, () => { });

        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public async Task Handle_SigningFailsAfterAFailure_TellsWhatFailedFirst()
    {
        using var log = new TestLog(_folder.FullName);

        var failure = await Assert.ThrowsAsync<BadInputException>(() => Handle(log, () =>
        {
            log.Append(1);
            File.WriteAllText(log.Store.Database, new string('x', 9000));
            throw new BadInputException("first");
        }));

        Assert.Equal("first", failure.Message);
    }

    private static Task<int> Handle(TestLog log, Action work) => new CheckpointBehaviour<string, int>(log.Log, Logger.None).Handle("request", CancellationToken.None, () =>
    {
        work();
        return Task.FromResult(1);
    });
}
