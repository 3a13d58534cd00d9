using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.UseCases;

public sealed class IncidentBookTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_ByManyAtOnce_IsOneIncidentASnapshot()
    {
        using TestLog one = new(_folder.FullName), other = new(_folder.FullName);
        // As two processes on the same folder.
        IncidentBook[] books = [.. new[] { one, other }.Select(l => new IncidentBook(l.Store, l.Log, new Recording(l.Log, TimeProvider.System), TimeProvider.System))];

        var opened = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => books[i % 2].Open(_folder.Combine($"snapshot-{i / 2 % 2}"), "broken", null, null, null), TestContext.Current.CancellationToken)));

        Assert.Equal(2, opened.Select(o => o.Id).Distinct().Count());
        Assert.Equal(2, books[0].List(openOnly: true).Count);
    }
}
