using System.Runtime.CompilerServices;

namespace Copilot.Simulator.Traffic;

/// <summary>
/// The clock of a discrete-event simulation: whatever is due runs in the order of time, and of scheduling where times are equal.
/// Processes are async methods that await <see cref="For"/> and <see cref="Until"/>; everything runs on the caller's thread, so a seed decides everything.
/// </summary>
internal sealed class Timeline(long start)
{
    private readonly PriorityQueue<Action, (long At, long Order)> _due = new();
    private long _order;
    private Exception? _failure;

    /// <summary>Nanoseconds since 1970.</summary>
    public long Now { get; private set; } = start;

    public void At(long at, Action act) => _due.Enqueue(act, (Math.Max(at, Now), _order++));

    public Pause Until(long at) => new(this, at);

    public Pause For(long nanoseconds) => new(this, Now + nanoseconds);

    /// <summary>Begins a process: it runs until its first wait, and goes on as time passes.</summary>
    public async void Start(Func<Task> process)
    {
        try
        {
            await process();
        }
        catch (Exception e)
        {
            _failure ??= e; // Thrown by Run: a process has no caller that could see it.
        }
    }

    public void StartAt(long at, Func<Task> process) => At(at, () => Start(process));

    /// <summary>Lets time pass up to (not including) the given time.</summary>
    /// <param name="until">Nanoseconds since 1970.</param>
    /// <param name="passed">Told the time before each step.</param>
    /// <param name="ct">Stops between two steps.</param>
    public void Run(long until, Action<long>? passed, CancellationToken ct)
    {
        // Continuations must run here and now, whatever context the caller has.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (_due.TryPeek(out _, out var next) && next.At < until)
            {
                ct.ThrowIfCancellationRequested();
                if (next.At > Now)
                {
                    Now = next.At;
                    passed?.Invoke(Now);
                }

                _due.Dequeue()();
                if (_failure is not null) throw new InvalidOperationException($"A simulated process failed: {_failure.Message}", _failure);
            }

            Now = until;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Awaited: goes on at the given time.</summary>
    internal readonly struct Pause(Timeline timeline, long at) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Pause GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => timeline.At(at, continuation);

        public void UnsafeOnCompleted(Action continuation) => timeline.At(at, continuation);
    }
}

/// <summary>Awaited: the first result that is set, or the default value when the deadline comes first.</summary>
internal sealed class Outcome<T> : ICriticalNotifyCompletion
{
    private readonly Timeline _timeline;
    private Action? _continuation;
    private T? _result;

    public Outcome(Timeline timeline, long deadline = long.MaxValue)
    {
        _timeline = timeline;
        if (deadline != long.MaxValue) timeline.At(deadline, () => Complete(default));
    }

    public bool IsCompleted { get; private set; }

    public Outcome<T> GetAwaiter() => this;

    public T? GetResult() => _result;

    /// <summary>False when something else came first.</summary>
    public bool Set(T result) => Complete(result);

    public void OnCompleted(Action continuation) => _continuation = continuation;

    public void UnsafeOnCompleted(Action continuation) => _continuation = continuation;

    private bool Complete(T? result)
    {
        if (IsCompleted) return false;
        (IsCompleted, _result) = (true, result);
        // Through the timeline, not at once: who sets a result goes on first.
        if (_continuation is { } waiting) _timeline.At(_timeline.Now, waiting);
        return true;
    }
}

/// <summary>Places that few can hold at once, with a queue of bounded length in front of them: workers, connections.</summary>
internal sealed class Places(Timeline timeline, int count, int queue = int.MaxValue)
{
    private readonly Queue<Outcome<bool>> _waiting = new();
    private int _queued;

    public int Count => count;

    public int Taken { get; private set; }

    public int Waiting => _queued;

    /// <summary>True with a place (to be given back), false when the queue is full or the deadline passes.</summary>
    public async ValueTask<bool> Take(long deadline)
    {
        if (Taken < count)
        {
            Taken++;
            return true;
        }

        if (_queued >= queue || timeline.Now >= deadline) return false;
        var turn = new Outcome<bool>(timeline, deadline);
        _waiting.Enqueue(turn);
        _queued++;
        var granted = await turn;
        if (!granted) _queued--;
        return granted;
    }

    public void Release()
    {
        Taken--;
        if (Taken < count && Next() is { } next) Grant(next);
    }

    private void Grant(Outcome<bool> next)
    {
        _queued--;
        Taken++;
        next.Set(true);
    }

    private Outcome<bool>? Next()
    {
        while (_waiting.TryDequeue(out var next))
            if (!next.IsCompleted) return next;
        return null;
    }
}
