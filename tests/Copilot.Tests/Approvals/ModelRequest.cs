namespace Copilot.Tests.Approvals;

/// <summary>What people, policy and clock are at a moment, for the model.</summary>
internal sealed class ModelWorld
{
    public DateTimeOffset Now { get; set; } = Asked.Start;

    /// <summary>0 as it was, 1 asks for more people, 2 prohibits, 3 cannot be read.</summary>
    public int Policy { get; set; }

    public Dictionary<string, HashSet<string>> Groups { get; } = Asked.Groups.ToDictionary(g => g.Key, g => g.Value.ToHashSet());
}

/// <summary>
/// A request for approval written down a second time, as simple facts and rules that share nothing with the product: what the design says, for tests to hold the product against. Each
/// deed answers moved, same or refused.
/// </summary>
/// <param name="asks">The groups that are asked, a person each.</param>
internal sealed class ModelRequest(ModelWorld world, string[] asks, bool glassOnly, bool grave, bool wayBack)
{
    public const int Decide = 3600;
    public const int Execute = 1800;
    public const int Soak = 60;
    public const int Settle = 300;

    private DateTimeOffset _latest = world.Now;
    private readonly DateTimeOffset _decideBy = world.Now.AddSeconds(Decide);
    private DateTimeOffset _until;
    private DateTimeOffset _reported;
    private DateTimeOffset _reviewBy;
    private DateTimeOffset? _held;
    private string _by = "policy";
    private string? _breaker;
    private bool _reviewed;
    private bool _overdue;
    private bool _backReported;
    private bool _worked;
    private string? _shown;
    private readonly HashSet<string> _tookBack = [];

    public string State { get; private set; } = "pending";

    public int Happenings { get; private set; } = 1;

    /// <summary>Who approved, with the groups of those asked that they were in then.</summary>
    public Dictionary<string, HashSet<string>> Approvals { get; } = [];

    public string? Holder { get; private set; }

    public string? BackHolder { get; private set; }

    public bool IsConsumed => Holder is not null;

    public bool IsOpen => State is "pending" or "ready";

    private DateTimeOffset At => world.Now > _latest ? world.Now : _latest;

    public ModelRequest Begun()
    {
        if (asks.Length == 0 && !glassOnly) (State, Happenings, _until) = ("ready", 2, At.AddSeconds(Execute));
        return this;
    }

    /// <summary>What time does by itself, before anything else.</summary>
    public bool Due()
    {
        DateTimeOffset? end = State switch
        {
            "pending" => _decideBy,
            "ready" or "handed_off" => _until,
            "rolling_back" when !_backReported => _until,
            _ => null,
        };
        if (At >= end) return Go(State == "rolling_back" ? "needs_human" : "expired");
        if (_breaker is null || _reviewed || _overdue || At < _reviewBy) return false;
        _overdue = true;
        return Go(State);
    }

    public string Vote(string person, bool approves, string how)
    {
        if (State != "pending" || how == "agent" || person == "eve" || !asks.Any(world.Groups[person].Contains)) return "refused";
        if (!approves && how == "no reason") return "refused";
        if (approves && how is "weak" or "stale") return "refused";
        if (approves && Approvals.ContainsKey(person)) return "same";
        if (approves && _tookBack.Contains(person)) return "refused";
        if (!approves)
        {
            Approvals.Remove(person);
            Go("denied");
            return "moved";
        }
        Approvals[person] = [.. asks.Where(world.Groups[person].Contains)];
        if (IsMet && !glassOnly && world.Policy == 3)
        {
            Approvals.Remove(person);
            return "refused";
        }
        Go("pending");
        if (!IsMet || glassOnly) return "moved";
        Grant(world.Policy == 0 ? "ready" : "revoked", "votes", Execute);
        return "moved";
    }

    public string Withdraw(string person)
    {
        if (!Approvals.ContainsKey(person) || !IsOpen) return "refused";
        Approvals.Remove(person);
        _tookBack.Add(person);
        Go(State == "pending" ? "pending" : "revoked");
        return "moved";
    }

    public string Cancel(string person) => person == "eve" && IsOpen ? Moved(Go("cancelled")) : "refused";

    public string BreakGlass(string person, string how)
    {
        if (State != "pending" || how != "strong" || !grave || world.Policy >= 2 || (asks.Length > 0 && !asks.Any(world.Groups[person].Contains))) return "refused";
        (_breaker, _reviewBy) = (person, At.AddHours(24));
        Grant("ready", "glass", 900);
        return "moved";
    }

    public string Review(string person, string how)
    {
        if (_breaker is null) return "refused";
        if (_reviewed) return "same";
        if (how is "agent" or "weak" or "no reason" || person == _breaker || person == "eve" || (asks.Length > 0 && !asks.Any(world.Groups[person].Contains))) return "refused";
        _reviewed = true;
        return Moved(Go(State));
    }

    public string Take(string person, string how, string sees)
    {
        if (State != "ready" || how is "agent" or "weak" || world.Policy == 3) return "refused";
        if (_by == "glass" ? world.Policy == 2 : world.Policy > 0 || !IsMet) return Moved(Go("revoked"));
        if (sees == "nothing") return "refused";
        if (sees == "another") return Moved(Go("drifted"));
        (Holder, _until) = (person, At.AddSeconds(Execute));
        return Moved(Go("handed_off"));
    }

    public string TakeBack(string person, string how)
    {
        if (State != "rollback_pending" || how is "agent" or "weak") return "refused";
        (BackHolder, _until, _held, _shown) = (person, At.AddSeconds(Execute), null, null);
        return Moved(Go("rolling_back"));
    }

    public string Report(string person, bool done)
    {
        if (State == "handed_off" && person == Holder)
        {
            _reported = At;
            return Moved(Go(done ? "verifying" : "expired"));
        }
        if (State != "rolling_back" || _backReported || person != BackHolder) return "refused";
        (_backReported, _reported) = (done, At);
        return Moved(Go(done ? "rolling_back" : "needs_human"));
    }

    /// <param name="shows"><c>holds</c>, <c>fails</c>, <c>nothing</c>, or <c>partly</c>: one holds, and of the other nothing is seen.</param>
    public string Observe(string shows)
    {
        var back = State == "rolling_back";
        if (State != "verifying" && !(back && _backReported)) return "refused";
        var held = shows is "holds" or "partly" ? _held ?? At : (DateTimeOffset?)null;
        var told = shows == "holds" || (shows == "partly" && (back || _worked));
        var soak = back ? 0 : Soak;
        var to = State;
        if (told && At >= held!.Value.AddSeconds(soak)) to = back ? "rolled_back" : "succeeded";
        else if (shows == "fails" && At >= _reported.AddSeconds(Settle)) to = back || !wayBack ? "needs_human" : "rollback_pending";
        else if (shows != "fails" && !told && At >= _reported.AddSeconds(Settle + soak + Settle)) to = "needs_human";
        if (to == State && _shown == shows && _held == held) return "same";
        (_held, _shown) = (held, shows);
        return Moved(Go(to));
    }

    public string Judge(string person, bool worked)
    {
        if (State != "verifying" || person != Holder) return "refused";
        _worked |= worked;
        return Moved(Go(worked ? "verifying" : wayBack ? "rollback_pending" : "needs_human"));
    }

    public void Supersede() => Go("superseded");

    /// <summary>Somebody of each group that is asked, and nobody for two: tried in every order.</summary>
    private bool IsMet => Met(asks, Approvals.Select(a => a.Value.Where(world.Groups[a.Key].Contains).ToHashSet()).ToList());

    private static bool Met(string[] places, List<HashSet<string>> people) =>
        places.Length == 0 || Enumerable.Range(0, people.Count).Any(i => people[i].Contains(places[0]) && Met(places[1..], [.. people.Where((_, other) => other != i)]));

    private void Grant(string state, string by, int seconds)
    {
        (_by, _until) = (by, At.AddSeconds(seconds));
        Go(state);
    }

    private bool Go(string state)
    {
        (State, _latest, Happenings) = (state, At, Happenings + 1);
        return true;
    }

    private static string Moved(bool _) => "moved";
}
