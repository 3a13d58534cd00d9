using Copilot.Core.Approvals.People;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Who the people are, and who sits at the keyboard.</summary>
/// <param name="Directory">Null for that of the settings.</param>
internal sealed record ListIdentities(string? Directory) : IRequest<ListedIdentities>;

/// <param name="You">The operating system's user.</param>
/// <param name="Person">Who that is; null for nobody.</param>
/// <param name="Service">The service that it is; null for none.</param>
internal sealed record ListedIdentities(PeopleDirectory Directory, string You, Person? Person, Service? Service)
{
    /// <summary>Who may be asked and could only answer with weak assurance.</summary>
    public IEnumerable<Person> WithoutKey => Directory.People.Where(p => p is { Disabled: false, Keys.Count: 0 });
}

internal sealed class ListIdentitiesHandler(PeopleSource people) : IRequestHandler<ListIdentities, ListedIdentities>
{
    public Task<ListedIdentities> Handle(ListIdentities request, CancellationToken cancellationToken)
    {
        var (directory, you) = (people.Load(request.Directory), Recording.Person.Id);
        return Task.FromResult(new ListedIdentities(directory, you, directory.OfIdentity(you), directory.ServiceOf(you)));
    }
}
