using Copilot;
using Copilot.Cli;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

// All times are UTC, and the zone's file is none of ours to read.
Environment.SetEnvironmentVariable("TZ", "");

var cli = new CommandLine(data => new ServiceCollection()
    .AddSettings(new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true).AddEnvironmentVariables().Build(), data)
    .AddLogFile()
    .AddUseCases()
    .BuildServiceProvider());
return await CommandLine.Run(cli.Build(), args, Console.Out, Console.Error);
