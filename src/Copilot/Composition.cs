using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Incidents;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Core.Summaries;
using Copilot.Sources.Kubernetes;
using Copilot.Storage;
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
    /// <param name="data">The data folder as the person named it.</param>
    /// <param name="below">A folder in it that is used instead.</param>
    public static IServiceCollection AddSettings(this IServiceCollection services, IConfiguration configuration, string? data, string? below = null)
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
        mistakes.AddRange(WitnessSettings.Mistakes(options.Receipts));
        mistakes.AddRange(SignerSettings.Mistakes(options.Receipts));
        mistakes.AddRange(ApprovalSettings.Mistakes(options.Approvals));
        if (mistakes.Count > 0) throw new BadInputException($"The settings are wrong. {string.Join(" ", mistakes)} Mend appsettings.json or the environment.");
        return services.AddSingleton(options.Investigation).AddSingleton(options.Policy).AddSingleton(options.Runbooks).AddSingleton(options.Owners).AddSingleton(options.Archives).AddSingleton(options.Logging)
            .AddSingleton(options.Serve).AddSingleton(options.Queue).AddSingleton(options.Alerts).AddSingleton(options.Telemetry).AddSingleton(options.Retention).AddSingleton(options.Receipts).AddSingleton(options.Approvals).AddSingleton(options.Kubernetes)
            .AddSingleton(DataFolder.Resolve(data, below));
    }

    /// <summary>A log file a day in the data folder. The terminal is for results.</summary>
    public static IServiceCollection AddLogFile(this IServiceCollection services) => services.AddSingleton<ILogger>(provider => new LoggerConfiguration().ToFile(provider).CreateLogger());

    public static LoggerConfiguration ToFile(this LoggerConfiguration configuration, IServiceProvider provider)
    {
        var (data, options) = (provider.GetRequiredService<DataFolder>(), provider.GetRequiredService<LoggingOptions>());
        configuration.MinimumLevel.Is(Enum.Parse<LogEventLevel>(options.Level));
        // Without a writable data folder the work still goes on; doctor says what is wrong.
        if (data.TryCreate() is null)
            configuration.WriteTo.File(new RedactedLines(), Path.Combine(data.Logs, "copilot-.log"), rollingInterval: RollingInterval.Day, retainedFileCountLimit: options.KeepFiles);
        return configuration;
    }

    /// <summary>The database and the receipt log in the data folder. Neither is opened or made before something uses it.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton(provider => new CopilotStore(provider.GetRequiredService<DataFolder>().Path))
        .AddSingleton(provider => new ReceiptLog(provider.GetRequiredService<CopilotStore>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger>(), SignerSettings.Of(provider.GetRequiredService<ReceiptOptions>())))
        .AddSingleton<IReceiptRecorder>(provider => provider.GetRequiredService<ReceiptLog>());

    /// <summary>MediatR 5.1 by hand (docs/decisions/0002): handlers, behaviours in their order, checks.</summary>
    public static IServiceCollection AddUseCases(this IServiceCollection services) => services
        .AddTransient<ServiceFactory>(provider => type => provider.GetService(type)!)
        .AddTransient<IMediator>(provider => new Mediator(provider.GetRequiredService<ServiceFactory>()))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(LoggingBehaviour<,>))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(StorageFaultBehaviour<,>))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(CheckpointBehaviour<,>))
        .AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehaviour<,>))
        .AddTransient<IRequestCheck<InvestigateSnapshots>, InvestigateSnapshotsCheck>()
        .AddTransient<IRequestCheck<ShowRecords>, ShowRecordsCheck>()
        .AddTransient<IRequestHandler<InvestigateSnapshots, Unit>, InvestigateSnapshotsHandler>()
        .AddTransient<IRequestHandler<DescribeSnapshot, SnapshotDescription>, DescribeSnapshotHandler>()
        .AddTransient<IRequestHandler<ShowRecords, IReadOnlyList<ShownRecord>>, ShowRecordsHandler>()
        .AddTransient<IRequestHandler<ExportSnapshot, ExportedSnapshot>, ExportSnapshotHandler>()
        .AddTransient<IRequestHandler<VerifyDiagnosis, CitationReport>, VerifyDiagnosisHandler>()
        .AddTransient<IRequestCheck<ListReceipts>, ListReceiptsCheck>()
        .AddTransient<IRequestHandler<ListReceipts, IReadOnlyList<ListedReceipt>>, ListReceiptsHandler>()
        .AddTransient<IRequestHandler<ShowReceipt, ShownReceipt>, ShowReceiptHandler>()
        .AddTransient<IRequestHandler<ProveReceipt, ProvedReceipt>, ProveReceiptHandler>()
        .AddTransient<IRequestHandler<ExportReceipts, ExportedReceipts>, ExportReceiptsHandler>()
        .AddTransient<IRequestHandler<VerifyReceipts, ReceiptsVerdict>, VerifyReceiptsHandler>()
        .AddTransient<IRequestCheck<VerifyReceipts>, VerifyReceiptsCheck>()
        .AddTransient<IRequestCheck<SignCheckpoint>, SignCheckpointCheck>()
        .AddTransient<IRequestHandler<SignCheckpoint, CheckpointVerdict>, SignCheckpointHandler>()
        .AddTransient<IRequestCheck<RedactReceipt>, RedactReceiptCheck>()
        .AddTransient<IRequestHandler<RedactReceipt, RemovedValue>, RedactReceiptHandler>()
        .AddTransient<IRequestCheck<PlaceHold>, PlaceHoldCheck>()
        .AddTransient<IRequestHandler<PlaceHold, HeldIncident>, PlaceHoldHandler>()
        .AddTransient<IRequestHandler<ListHolds, IReadOnlyList<HeldIncident>>, ListHoldsHandler>()
        .AddTransient<IRequestHandler<ExpireOpenings, ExpiredOpenings>, ExpireOpeningsHandler>()
        .AddTransient<ListKeysHandler>()
        .AddTransient<IRequestHandler<ListKeys, IReadOnlyList<ListedKey>>, ListKeysHandler>()
        .AddTransient<IRequestHandler<RotateKey, ListedKey>, RotateKeyHandler>()
        .AddTransient<IRequestCheck<SearchReceipts>, SearchReceiptsCheck>()
        .AddTransient<IRequestHandler<SearchReceipts, FoundReceipts>, SearchReceiptsHandler>()
        .AddTransient<IRequestHandler<TellStory, Story>, TellStoryHandler>()
        .AddTransient<IRequestHandler<CheckPolicies, IReadOnlyList<CheckedPolicy>>, CheckPoliciesHandler>()
        .AddTransient<IRequestHandler<TestPolicies, PolicyTestReport>, TestPoliciesHandler>()
        .AddTransient<IRequestHandler<ExplainPolicy, PolicyDecision>, ExplainPolicyHandler>()
        .AddTransient<IRequestHandler<ComparePolicies, IReadOnlyList<ComparedPolicy>>, ComparePoliciesHandler>()
        .AddTransient<IRequestCheck<ActivatePolicy>, ActivatePolicyCheck>()
        .AddTransient<IRequestHandler<ActivatePolicy, AskedApproval>, ActivatePolicyHandler>()
        .AddTransient<IRequestHandler<ShowActivePolicy, ActivePolicy>, ShowActivePolicyHandler>()
        .AddTransient<IRequestHandler<ShowPolicyText, string>, ShowPolicyTextHandler>()
        .AddTransient<IRequestHandler<SimulatePolicies, SimulatedPolicies>, SimulatePoliciesHandler>()
        .AddTransient<IRequestHandler<CheckHealth, IReadOnlyList<HealthCheck>>, CheckHealthHandler>()
        .AddTransient<IRequestHandler<WriteSample, string>, WriteSampleHandler>()
        .AddTransient<IRequestHandler<WriteDemo, string>, WriteDemoHandler>()
        .AddTransient<SampleWriter>()
        .AddTransient<IRequestHandler<ListFaults, IReadOnlyList<ListedFault>>, ListFaultsHandler>()
        .AddTransient<IRequestHandler<SimulateIncident, WrittenIncident>, SimulateIncidentHandler>()
        .AddTransient<IRequestHandler<ServeStandIns, IReadOnlyList<AskedStandIn>>, ServeStandInsHandler>()
        .AddTransient<IRequestHandler<SimulateRecipe, Unit>, SimulateRecipeHandler>()
        .AddTransient<IRequestHandler<UpdateRecipe, UpdatedRecipe>, UpdateRecipeHandler>()
        .AddTransient<IRequestHandler<ImportBench, ImportedSuite>, ImportBenchHandler>()
        .AddTransient<IRequestHandler<RunBench, BenchOutcome>, RunBenchHandler>()
        .AddTransient<IRequestHandler<ScoreBench, BenchOutcome>, ScoreBenchHandler>()
        .AddTransient<IRequestHandler<CompareBench, BenchOutcome>, CompareBenchHandler>()
        .AddTransient<IRequestHandler<ExportBench, ExportedBench>, ExportBenchHandler>()
        .AddTransient<IRequestHandler<FitBench, FittedParameters>, FitBenchHandler>()
        .AddTransient<IRequestHandler<AblateBench, string>, AblateBenchHandler>()
        .AddTransient<FittingCases>()
        .AddTransient<IRequestHandler<DraftDataset, ShownDataset>, DraftDatasetHandler>()
        .AddTransient<IRequestHandler<PublishDataset, ShownDataset>, PublishDatasetHandler>()
        .AddTransient<IRequestHandler<ShowDataset, ShownDataset>, ShowDatasetHandler>()
        .AddTransient<IRequestHandler<ListRunbooks, RunbookSet>, ListRunbooksHandler>()
        .AddTransient<IRequestHandler<ShowRunbook, Runbook>, ShowRunbookHandler>()
        .AddTransient<IRequestHandler<CheckRunbooks, RunbookReport>, CheckRunbooksHandler>()
        .AddTransient<IRequestHandler<SearchRunbooks, RunbookHits>, SearchRunbooksHandler>()
        .AddTransient<RunbookSource>()
        .AddTransient<IRequestCheck<GiveFeedback>, GiveFeedbackCheck>()
        .AddTransient<IRequestHandler<ListIncidents, IReadOnlyList<IncidentSummary>>, ListIncidentsHandler>()
        .AddTransient<IRequestHandler<ShowIncident, IncidentDetails>, ShowIncidentHandler>()
        .AddTransient<IRequestHandler<GiveFeedback, Incident>, GiveFeedbackHandler>()
        .AddTransient<IRequestHandler<CloseIncident, Incident>, CloseIncidentHandler>()
        .AddTransient<IRequestHandler<RequestApproval, AskedApproval>, RequestApprovalHandler>()
        .AddTransient<IRequestHandler<ListApprovals, ApprovalQueue>, ListApprovalsHandler>()
        .AddTransient<IRequestHandler<ShowApproval, ShownApproval>, ShowApprovalHandler>()
        .AddTransient<IRequestHandler<CompareApproval, ComparedApproval>, CompareApprovalHandler>()
        .AddTransient<IRequestHandler<VoteOnApproval, ApprovalResult>, VoteOnApprovalHandler>()
        .AddTransient<IRequestHandler<CancelApproval, ApprovalResult>, CancelApprovalHandler>()
        .AddTransient<IRequestHandler<RevokeApproval, ApprovalResult>, RevokeApprovalHandler>()
        .AddTransient<IRequestHandler<BreakGlass, ApprovalResult>, BreakGlassHandler>()
        .AddTransient<IRequestHandler<ReviewBrokenGlass, ApprovalResult>, ReviewBrokenGlassHandler>()
        .AddTransient<IRequestHandler<TakeApproval, ApprovalResult>, TakeApprovalHandler>()
        .AddTransient<IRequestHandler<ReportApproval, ApprovalResult>, ReportApprovalHandler>()
        .AddTransient<IRequestHandler<VerifyApproval, ApprovalResult>, VerifyApprovalHandler>()
        .AddTransient<IRequestHandler<TellApproval, IReadOnlyList<StoryLine>>, TellApprovalHandler>()
        .AddTransient<IRequestHandler<RehearseApproval, bool>, RehearseApprovalHandler>()
        .AddTransient<IRequestHandler<SweepApprovals, Unit>, SweepApprovalsHandler>()
        .AddTransient<IRequestHandler<WriteBallot, byte[]>, WriteBallotHandler>()
        .AddTransient<IRequestHandler<DeliverNotices, int>, DeliverNoticesHandler>()
        .AddTransient<IRequestCheck<AddExecutor>, AddExecutorCheck>()
        .AddTransient<IRequestHandler<AddExecutor, string>, AddExecutorHandler>()
        .AddTransient<IRequestHandler<RegisterExecutor, RegisteredExecutor>, RegisterExecutorHandler>()
        .AddTransient<IRequestHandler<ListExecutors, ExecutorList>, ListExecutorsHandler>()
        .AddTransient<IRequestHandler<DismissExecutor, Unit>, DismissExecutorHandler>()
        .AddTransient<IRequestHandler<StopExecutors, IReadOnlyList<ApprovalRequest>>, StopExecutorsHandler>()
        .AddTransient<IRequestHandler<ResumeExecutors, bool>, ResumeExecutorsHandler>()
        .AddTransient<IRequestHandler<NextWork, ExecutorWork>, NextWorkHandler>()
        .AddTransient<IRequestHandler<AskToGoOn, bool>, AskToGoOnHandler>()
        .AddTransient<IRequestHandler<AnswerDryRun, Unit>, AnswerDryRunHandler>()
        .AddTransient<IRequestHandler<ReportSteps, ApprovalResult>, ReportStepsHandler>()
        .AddTransient<ExecutorBook>()
        .AddTransient<ClusterWorld>()
        .AddTransient<ClusterProbes>()
        .AddTransient<ApprovalBook>()
        .AddTransient<ApprovalAsker>()
        .AddTransient<ApprovalContext>()
        .AddTransient<ApprovalWorld>()
        .AddTransient<IRequestCheck<TellTimeline>, TellTimelineCheck>()
        .AddTransient<IRequestCheck<SummarizeLogs>, SummarizeLogsCheck>()
        .AddTransient<IRequestCheck<EnrichAlerts>, EnrichAlertsCheck>()
        .AddTransient<IRequestCheck<WriteHandoff>, WriteHandoffCheck>()
        .AddTransient<IRequestCheck<DraftChangeRequests>, DraftChangeRequestsCheck>()
        .AddTransient<IRequestHandler<TellTimeline, SummaryOutcome<IncidentTimeline>>, TellTimelineHandler>()
        .AddTransient<IRequestHandler<SummarizeLogs, SummaryOutcome<LogSummary>>, SummarizeLogsHandler>()
        .AddTransient<IRequestHandler<EnrichAlerts, SummaryOutcome<AlertEnrichment>>, EnrichAlertsHandler>()
        .AddTransient<IRequestHandler<WriteHandoff, SummaryOutcome<Handoff>>, WriteHandoffHandler>()
        .AddTransient<IRequestHandler<DraftChangeRequests, SummaryOutcome<ChangeRequests>>, DraftChangeRequestsHandler>()
        .AddTransient<IRequestCheck<RequestInvestigation>, RequestInvestigationCheck>()
        .AddTransient<IRequestCheck<ListRequests>, ListRequestsCheck>()
        .AddTransient<IRequestCheck<MakeToken>, MakeTokenCheck>()
        .AddTransient<IRequestHandler<RequestInvestigation, AcceptedRequest>, RequestInvestigationHandler>()
        .AddTransient<IRequestHandler<ShowRequest, RequestProgress?>, ShowRequestHandler>()
        .AddTransient<IRequestHandler<ListRequests, IReadOnlyList<QueuedInvestigation>>, ListRequestsHandler>()
        .AddTransient<IRequestHandler<RunInvestigation, Unit>, RunInvestigationHandler>()
        .AddTransient<IRequestHandler<RecoverWork, int>, RecoverWorkHandler>()
        .AddTransient<IRequestHandler<SweepWork, IReadOnlyList<string>>, SweepWorkHandler>()
        .AddTransient<IRequestHandler<AcceptAlerts, AcceptedAlerts>, AcceptAlertsHandler>()
        .AddTransient<IRequestHandler<ListAlerts, IReadOnlyList<ListedAlert>>, ListAlertsHandler>()
        .AddTransient<IRequestHandler<CheckReadiness, IReadOnlyList<string>>, CheckReadinessHandler>()
        .AddTransient<IRequestHandler<MakeToken, string?>, MakeTokenHandler>()
        .AddTransient<IRequestHandler<ListTokens, IReadOnlyList<ListedToken>>, ListTokensHandler>()
        .AddTransient<IRequestHandler<RevokeToken, Unit>, RevokeTokenHandler>()
        .AddTransient<IRequestCheck<LinkIdentity>, LinkIdentityCheck>()
        .AddTransient<IRequestHandler<EnrolPerson, Enrolment>, EnrolPersonHandler>()
        .AddTransient<IRequestHandler<LinkIdentity, LinkedAccount>, LinkIdentityHandler>()
        .AddTransient<IRequestHandler<ListIdentities, ListedIdentities>, ListIdentitiesHandler>()
        .AddTransient<PeopleSource>()
        .AddSingleton<InvestigationProgress>()
        .AddSingleton<WorkSignal>()
        .AddSingleton<WorkMeter>()
        .AddTransient<InvestigationQueue>()
        .AddTransient<SharedSnapshots>()
        .AddTransient<AlertReader>()
        .AddTransient<AlertRecorder>()
        .AddTransient<TokenBook>()
        .AddTransient<Summarizer>()
        .AddTransient<Investigator>()
        .AddTransient<SnapshotSource>()
        .AddTransient<RulesSource>()
        .AddTransient<PolicyBook>()
        .AddTransient<Recording>()
        .AddTransient<IncidentBook>();
}
