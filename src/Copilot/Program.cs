using Copilot;
using Copilot.Cli;
using Copilot.Configuration;
using Copilot.UseCases;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

// All times are UTC, and the zone's file is none of ours to read.
Environment.SetEnvironmentVariable("TZ", "");

var cli = new CommandLine((data, below) => new ServiceCollection()
    .AddSettings(Settings(Path.Combine(AppContext.BaseDirectory, "appsettings.json")), data, below)
    .AddLogFile()
    .AddStorage()
    .AddUseCases()
    .BuildServiceProvider(),
    (data, port, said, cancellation) => Serving.Run(Settings(Path.Combine(AppContext.BaseDirectory, "appsettings.json")), data, port, said, cancellation),
    (setup, said, cancellation) => Witnessing.Run(setup, TimeProvider.System, said, cancellation),
    (data, below, incident, snapshot, told, cancellation) => Rehearsing.Run(Settings(Path.Combine(AppContext.BaseDirectory, "appsettings.json")), DataFolder.Resolve(data, below), incident, snapshot, told, cancellation));
return await CommandLine.Run(cli.Build(), args, Console.Out, Console.Error);

static IConfiguration Settings(string file)
{
    try
    {
        var json = new ConfigurationBuilder().AddJsonFile(file, optional: true).Build();
        // The environment is full of other people's variables; the file is ours alone.
        if (json.GetChildren().FirstOrDefault(c => c.Key is not "Copilot") is { } other) throw new BadInputException($"{file}: {other.Key} is no setting. All settings stand below \"Copilot\".");
        return new ConfigurationBuilder().AddConfiguration(json).AddEnvironmentVariables().Build();
    }
    catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
    {
        throw new BadInputException($"{file} cannot be read: {e.GetBaseException().Message.TrimEnd('.')}. Mend it, or remove it for the defaults.");
    }
}
