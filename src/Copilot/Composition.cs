using Copilot.Configuration;
using Copilot.UseCases;
using MediatR;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serilog;
using Serilog.Events;

namespace Copilot;

/// <summary>Wires the process, one method a folder.</summary>
internal static class Composition
{
    /// <summary>The settings, checked; throws <see cref="BadInputException"/> with all mistakes at once.</summary>
    public static IServiceCollection AddSettings(this IServiceCollection services, IConfiguration configuration, string? data)
    {
        var section = configuration.GetSection(CopilotOptions.Section);
        var mistakes = ConfigurationCheck.Mistakes(section, typeof(CopilotOptions));
        var options = new CopilotOptions();
        try
        {
            options = section.Get<CopilotOptions>() ?? options;
        }
        catch (InvalidOperationException) when (mistakes.Count > 0)
        {
            // A value of the wrong type, which is among the mistakes already.
        }
        mistakes.AddRange(ConfigurationCheck.Invalid(options, CopilotOptions.Section));
        if (mistakes.Count > 0) throw new BadInputException($"The settings are wrong. {string.Join(" ", mistakes)} Mend appsettings.json or the environment.");
        return services.AddSingleton(options.Investigation).AddSingleton(options.Archives).AddSingleton(options.Logging).AddSingleton(DataFolder.Resolve(data));
    }

    /// <summary>A log file a day in the data folder. The terminal is for results.</summary>
    public static IServiceCollection AddLogFile(this IServiceCollection services) => services.AddSingleton<ILogger>(provider =>
    {
        var (data, options) = (provider.GetRequiredService<DataFolder>(), provider.GetRequiredService<LoggingOptions>());
        var configuration = new LoggerConfiguration().MinimumLevel.Is(Enum.Parse<LogEventLevel>(options.Level));
        // Without a writable data folder the work still goes on; doctor says what is wrong.
        if (data.TryCreate() is null)
            configuration.WriteTo.File(Path.Combine(data.Logs, "copilot-.log"), rollingInterval: RollingInterval.Day, retainedFileCountLimit: options.KeepFiles,
                outputTemplate: "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ} {Level:u3} {Message:lj}{NewLine}{Exception}");
        return configuration.CreateLogger();
    });

    /// <summary>MediatR 5.1 by hand (docs/decisions/0002): handlers, behaviours in their order, checks.</summary>
    public static IServiceCollection AddUseCases(this IServiceCollection services) => services
        .AddTransient<ServiceFactory>(provider => type => provider.GetService(type)!)
        .AddTransient<IMediator>(provider => new Mediator(provider.GetRequiredService<ServiceFactory>()))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(LoggingBehaviour<,>))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(StorageFaultBehaviour<,>))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehaviour<,>))
        .AddTransient<IRequestCheck<InvestigateSnapshots>, InvestigateSnapshotsCheck>()
        .AddTransient<IRequestCheck<ShowRecords>, ShowRecordsCheck>()
        .AddTransient<IRequestHandler<InvestigateSnapshots, Unit>, InvestigateSnapshotsHandler>()
        .AddTransient<IRequestHandler<DescribeSnapshot, SnapshotDescription>, DescribeSnapshotHandler>()
        .AddTransient<IRequestHandler<ShowRecords, IReadOnlyList<ShownRecord>>, ShowRecordsHandler>()
        .AddTransient<IRequestHandler<ExportSnapshot, ExportedSnapshot>, ExportSnapshotHandler>()
        .AddTransient<IRequestHandler<VerifyDiagnosis, VerificationReport>, VerifyDiagnosisHandler>()
        .AddTransient<IRequestHandler<CheckHealth, IReadOnlyList<HealthCheck>>, CheckHealthHandler>()
        .AddTransient<IRequestHandler<WriteSample, string>, WriteSampleHandler>()
        .AddTransient<SnapshotSource>();
}
