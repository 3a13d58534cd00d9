using Microsoft.EntityFrameworkCore.Design;

namespace Copilot.Storage;

/// <summary>For <c>dotnet ef migrations add</c>, which wants a context without running the program.</summary>
internal sealed class CopilotDbFactory : IDesignTimeDbContextFactory<CopilotDb>
{
    public CopilotDb CreateDbContext(string[] args) => new(Connections.To(":memory:"));
}
