using Copilot.Bench.Importers;
using Xunit;

namespace Copilot.Tests.Bench.Importers;

public sealed class SpanRolesTests
{
    private static readonly (string Trace, string Span, string Parent, string Service, string Operation)[] Spans =
    [
        ("1", "a", "", "web", "GET /"), ("1", "b", "a", "web", "Cart/Get"), ("1", "c", "b", "cart", "Cart/Get"), ("1", "d", "c", "cart", "work"),
        ("2", "a", "", "web", "GET /"), ("2", "b", "a", "web", "Cart/Get"),
        ("3", "c", "lost", "cart", "Cart/Get"), ("3", "d", "c", "cart", ""), ("3", "e", "d", "stock", "Stock/Take"), ("3", "f", "c", "cart", ""),
        ("4", "p", "nan", "proxy", "route"), ("4", "q", "p", "web", "GET /"), ("5", "o", "", "outer", "x"), ("5", "p", "o", "proxy", "route"), ("5", "q", "p", "web", "GET /"),
    ];

    [Theory]
    [InlineData("1", "a", "Server")]   // asked from outside
    [InlineData("1", "b", "Client")]   // its child belongs to another service
    [InlineData("1", "c", "Server")]   // its parent belongs to another service
    [InlineData("1", "d", "Internal")]
    [InlineData("2", "b", "Client")]   // unanswered, but of an operation that calls
    [InlineData("3", "c", "Server")]   // its parent is not recorded
    [InlineData("3", "d", "Client")]
    [InlineData("3", "f", "Internal")] // no name tells nothing, though another span without one called
    [InlineData("4", "p", "Client")]   // a trace that begins with a call
    [InlineData("5", "p", "Server")]   // taken in, and passed on without a span of its own
    public void KindOf_Span_FollowsFromItsNeighbours(string trace, string span, string kind)
    {
        var roles = new SpanRoles();
        foreach (var s in Spans) roles.Add(s.Trace, s.Span, s.Parent, s.Service, s.Operation);
        Assert.Equal([("cart", "stock"), ("outer", "proxy"), ("proxy", "web"), ("web", "cart")], roles.Seal().OrderBy(c => c.Caller, StringComparer.Ordinal));
        var one = Spans.Single(s => s.Trace == trace && s.Span == span);
        Assert.Equal(kind, roles.KindOf(one.Trace, one.Span, one.Parent, one.Service, one.Operation));
    }
}
