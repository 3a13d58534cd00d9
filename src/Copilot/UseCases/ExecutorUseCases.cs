using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Lets an executor register, once and soon.</summary>
internal sealed record AddExecutor(string Name) : IRequest<string>;

internal sealed class AddExecutorHandler(ExecutorBook executors) : IRequestHandler<AddExecutor, string>
{
    public Task<string> Handle(AddExecutor request, CancellationToken cancellationToken) => Task.FromResult(executors.Add(request.Name));
}

internal sealed class AddExecutorCheck : IRequestCheck<AddExecutor>
{
    private const int LongestName = 63;

    public string? Fault(AddExecutor request) => request.Name.Length is 0 or > LongestName || !request.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        ? $"\"{PlainText.Clean(request.Name)}\" is no name for an executor. Use letters, digits, dots, dashes and underscores, at most {LongestName}." : null;
}

/// <summary>An executor registers with its code.</summary>
/// <param name="Key">The public key that it signs with, as a verifier key with its name.</param>
internal sealed record RegisterExecutor(string Name, string Code, string Key) : IRequest<RegisteredExecutor>
{
    /// <summary>Without the code.</summary>
    public override string ToString() => Name;
}

/// <param name="LogKey">The key that signs grants.</param>
internal sealed record RegisteredExecutor(string Token, string LogKey);

internal sealed class RegisterExecutorHandler(ExecutorBook executors, ReceiptLog log) : IRequestHandler<RegisterExecutor, RegisteredExecutor>
{
    public Task<RegisteredExecutor> Handle(RegisterExecutor request, CancellationToken cancellationToken) =>
        Task.FromResult(new RegisteredExecutor(executors.Admit(request.Name, request.Code, request.Key), log.Key.ToString()));
}

internal sealed record ListExecutors : IRequest<ExecutorList>;

/// <param name="Stopped">Who stopped all of them, and why; null while they may work.</param>
internal sealed record ExecutorList(IReadOnlyList<ListedExecutor> Executors, (string By, string Reason)? Stopped);

internal sealed class ListExecutorsHandler(ExecutorBook executors) : IRequestHandler<ListExecutors, ExecutorList>
{
    public Task<ExecutorList> Handle(ListExecutors request, CancellationToken cancellationToken) => Task.FromResult(new ExecutorList(executors.List(), executors.Stopped()));
}

/// <summary>An executor that is given nothing any more.</summary>
internal sealed record DismissExecutor(string Name) : IRequest<Unit>;

internal sealed class DismissExecutorHandler(ExecutorBook executors) : IRequestHandler<DismissExecutor, Unit>
{
    public Task<Unit> Handle(DismissExecutor request, CancellationToken cancellationToken)
    {
        executors.Dismiss(request.Name);
        return Unit.Task;
    }
}

/// <summary>Stops all executors.</summary>
/// <param name="By">Null for whoever sits at the keyboard.</param>
internal sealed record StopExecutors(string Reason, ReceiptActor? By = null) : IRequest<IReadOnlyList<ApprovalRequest>>;

internal sealed class StopExecutorsHandler(ExecutorBook executors) : IRequestHandler<StopExecutors, IReadOnlyList<ApprovalRequest>>
{
    public Task<IReadOnlyList<ApprovalRequest>> Handle(StopExecutors request, CancellationToken cancellationToken) =>
        Task.FromResult(executors.Stop(Redaction.Apply(PlainText.Clean(request.Reason)), request.By ?? Recording.Person));
}

/// <summary>Lets executors go on.</summary>
internal sealed record ResumeExecutors(string Reason, ReceiptActor? By = null) : IRequest<bool>;

internal sealed class ResumeExecutorsHandler(ExecutorBook executors) : IRequestHandler<ResumeExecutors, bool>
{
    public Task<bool> Handle(ResumeExecutors request, CancellationToken cancellationToken) =>
        Task.FromResult(executors.Resume(Redaction.Apply(PlainText.Clean(request.Reason)), request.By ?? Recording.Person));
}

/// <summary>Whether an executor may begin its next step: it still has the plan in hand, and nobody stopped it.</summary>
[Routine]
internal sealed record AskToGoOn(string Executor, string Id, int Fence) : IRequest<bool>;

internal sealed class AskToGoOnHandler(ApprovalBook book, ExecutorBook executors) : IRequestHandler<AskToGoOn, bool>
{
    public Task<bool> Handle(AskToGoOn request, CancellationToken cancellationToken)
    {
        var found = book.Find(request.Id);
        var run = found.State switch { ApprovalState.Executing or ApprovalState.Reconciling => found.Execution, ApprovalState.RollingBack => found.RollbackRun, _ => null };
        var stands = run is not null && run.Executor == request.Executor && run.Fence == request.Fence && executors.KeyOf(request.Executor) is not null;
        return Task.FromResult(stands && (found.State == ApprovalState.Reconciling || executors.Stopped() is null));
    }
}

/// <summary>What an executor is to do next.</summary>
/// <param name="Attempt">Its own name for whatever it is given: asked again under the same name it is given the same.</param>
[Routine]
internal sealed record NextWork(string Executor, string Attempt) : IRequest<ExecutorWork>;

internal abstract record ExecutorWork
{
    private ExecutorWork()
    {
    }

    public sealed record Nothing : ExecutorWork;

    /// <param name="Asked">Plan and commands.</param>
    public sealed record Try(string Id, JsonObject Asked) : ExecutorWork;

    /// <summary>The request, in the state that says what is to be done: executing, reconciling or rolling back.</summary>
    public sealed record Do(ApprovalRequest Request) : ExecutorWork;
}

internal sealed class NextWorkHandler(ApprovalBook book, ExecutorBook executors, ApprovalContext context, TimeProvider time) : IRequestHandler<NextWork, ExecutorWork>
{
    public async Task<ExecutorWork> Handle(NextWork request, CancellationToken cancellationToken)
    {
        executors.Seen(request.Executor);
        book.ExpireDue();
        if (book.In(ApprovalState.Executing, ApprovalState.Reconciling, ApprovalState.RollingBack).FirstOrDefault(r => IsOf(r, request)) is { } given) return new ExecutorWork.Do(given);
        if (executors.ToTry(request.Executor) is { } tried) return new ExecutorWork.Try(tried.Id, tried.Asked);
        var stopped = executors.Stopped() is not null;
        foreach (var due in book.In(ApprovalState.Ready, ApprovalState.Partial, ApprovalState.Halted, ApprovalState.RollbackPending).Where(r => r.Ask.Executor == request.Executor))
        {
            // Looking how far it came changes nothing, and is worth knowing all the more.
            if (stopped && due.State is ApprovalState.Ready or ApprovalState.RollbackPending) continue;
            if (due.State == ApprovalState.RollbackPending && due.Execution is null) continue;
            var world = due.State == ApprovalState.Ready ? await context.World(due, cancellationToken) : new WorldCheck.Same();
            // What could not be looked at is looked at again, without a word of it each time.
            if (world is WorldCheck.NotSeen || context.Standing(due, time.GetUtcNow()).Policy is null) continue;
            var by = new Principal(ExecutorBook.ActorOf(request.Executor), null, []);
            if (book.Change(due.Id, "claim", by, due.Version, (r, now, _) => executors.Stopped() is not null && r.State is ApprovalState.Ready or ApprovalState.RollbackPending
                ? new ApprovalResult.Refused(RefusalCode.WrongState, "All executors are stopped.")
                : ByExecutor.Claim(r, request.Executor, request.Attempt, now, context.Standing(r, now), world)) is ApprovalResult.Moved { Request: var claimed } && IsOf(claimed, request))
                return new ExecutorWork.Do(claimed);
        }
        return new ExecutorWork.Nothing();
    }

    private static bool IsOf(ApprovalRequest request, NextWork asked) =>
        (request.State == ApprovalState.RollingBack ? request.RollbackRun : request.Execution) is { } run && run.Executor == asked.Executor && run.Attempt == asked.Attempt && run.DoneAt is null;
}

/// <summary>What came of trying steps without effect.</summary>
[Routine]
internal sealed record AnswerDryRun(string Executor, string Id, JsonObject Answer) : IRequest<Unit>
{
    public override string ToString() => Id;
}

internal sealed class AnswerDryRunHandler(ExecutorBook executors) : IRequestHandler<AnswerDryRun, Unit>
{
    public Task<Unit> Handle(AnswerDryRun request, CancellationToken cancellationToken)
    {
        executors.Tried(request.Executor, request.Id, request.Answer);
        return Unit.Task;
    }
}

/// <summary>An executor says how a step went, or after an interruption which steps took effect.</summary>
/// <param name="Reports">One for a step that is carried out; one for each step of the plan after an interruption.</param>
/// <param name="Says">To each of them, without secrets.</param>
internal sealed record ReportSteps(string Executor, string Id, int Fence, bool Found, IReadOnlyList<StepReport> Reports, IReadOnlyList<string> Says) : IRequest<ApprovalResult>
{
    public override string ToString() => $"{Id}: {string.Join(", ", Reports.Select(r => $"{r.Step + 1} {r.Outcome}"))}";
}

internal sealed class ReportStepsHandler(ApprovalBook book, ExecutorBook executors) : IRequestHandler<ReportSteps, ApprovalResult>
{
    private const int LongestSays = 8000;

    public Task<ApprovalResult> Handle(ReportSteps request, CancellationToken cancellationToken)
    {
        var found = book.Find(request.Id);
        var key = executors.KeyOf(request.Executor);
        IReadOnlyList<string> says = [.. request.Says.Select(s => string.Join('\n', s.Split('\n').Select(PlainText.Clean))).Select(s => s.Length > LongestSays ? s[..LongestSays] : s)];
        return Task.FromResult(book.Change(found.Id, request.Found ? "reconcile" : "step", new(ExecutorBook.ActorOf(request.Executor), null, []), null, (r, now, _) =>
            key is null || !request.Reports.All(s => IsSigned(key, s, request.Executor, found.Id, request.Fence)) ? new ApprovalResult.Refused(RefusalCode.BadSignature, "It is not signed with the key that the executor was admitted with.")
            : request.Found ? ByExecutor.Reconcile(r, request.Executor, request.Fence, request.Reports, says, now)
            : request.Reports is [var report] && says is [var said] ? ByExecutor.Step(r, request.Executor, request.Fence, report, said, now)
            : new ApprovalResult.Refused(RefusalCode.WrongState, "It takes one report of one step.")));
    }

    private static bool IsSigned(NoteKey key, StepReport report, string executor, string request, int fence)
    {
        Span<byte> signature = stackalloc byte[64];
        return Convert.TryFromBase64String(report.Signature, signature, out var length) && length == signature.Length && SigningKey.Verify(key.PublicKey.Span, report.Bytes(executor, request, fence), signature);
    }
}
