using Copilot.Cli;
using Copilot.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Copilot.Tests.Cli;

/// <summary>Runs the command line in this process, as Program.cs wires it, with its own data folder.</summary>
internal static class CliRun
{
    public static async Task<(int Code, string Output, string Error)> Of(string data, params string[] args) => await With(data, [], args);

    public static Task<(int Code, string Output, string Error)> With(string data, Dictionary<string, string?> settings, params string[] args) => With(data, settings, CancellationToken.None, args);

    public static async Task<(int Code, string Output, string Error)> With(string data, Dictionary<string, string?> settings, CancellationToken cancellation, params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var cli = new CommandLine((folder, below) => new ServiceCollection()
            .AddSettings(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), folder, below)
            .AddLogFile()
            .AddStorage()
            .AddUseCases()
            .BuildServiceProvider(),
            (_, _, _, _) => throw new NotSupportedException("serving has tests of its own"),
            (setup, said, stop) => Witnessing.Run(setup, TimeProvider.System, said, stop),
            (folder, below, incident, snapshot, told, stop) => Rehearsing.Run(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), DataFolder.Resolve(folder, below), incident, snapshot, told, stop));
        var code = await CommandLine.Run(cli.Build(), [.. args, "--data", data], output, error, cancellation);
        return (code, output.ToString(), error.ToString());
    }
}
