using Copilot.Simulator;
using MediatR;

namespace Copilot.UseCases;

/// <summary>What can be simulated, in groups of one mechanism.</summary>
internal sealed record ListFaults : IRequest<IReadOnlyList<ListedFault>>;

/// <param name="Name">As <c>--fault</c> takes it.</param>
/// <param name="Mechanism">The word of the taxonomy of root causes.</param>
/// <param name="Cause">The kind of object that is the right answer.</param>
/// <param name="Patterns">As <c>--pattern</c> takes them.</param>
/// <param name="Summary">What is done.</param>
internal sealed record ListedFault(string Name, string Mechanism, string Cause, IReadOnlyList<string> Patterns, string Summary);

internal sealed class ListFaultsHandler : IRequestHandler<ListFaults, IReadOnlyList<ListedFault>>
{
    public Task<IReadOnlyList<ListedFault>> Handle(ListFaults request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ListedFault>>(
        [.. FaultCatalogue.All.GroupBy(f => f.Mechanism).SelectMany(g => g)
            .Select(f => new ListedFault(f.Name, f.Mechanism, f.Cause, [.. OptionNames.Patterns.Where(p => f.Patterns.Contains(p.Value)).Select(p => p.Key)], f.Summary))]);
}
