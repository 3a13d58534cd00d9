namespace Copilot.Simulator.Applications;

/// <summary>Draws names in one style for the whole application, each of them once.</summary>
internal sealed class Naming
{
    private readonly Chance _chance;
    private readonly List<string> _words;
    private readonly int _style;
    private readonly HashSet<string> _taken = [];
    private int _next;

    public Naming(Chance chance)
    {
        _chance = chance;
        _words = chance.Shuffled(chance.Pick(Vocabulary.Domains));
        _style = chance.Below(6);
        Theme = _words[^1];
        var environment = chance.Pick(Vocabulary.Environments);
        Namespace = environment.Length == 0 ? Theme : chance.Happens(0.5) ? $"{Theme}-{environment}" : $"{environment}-{Theme}";
    }

    public string Theme { get; }

    public string Namespace { get; }

    public string Gateway() => Unique(_chance.Pick(Vocabulary.Gateways));

    public string Service() => Unique(Styled(Word()));

    public string Worker() => Unique(Styled(Word() + _chance.Pick(["-worker", "-consumer", "-projector", "-indexer"])));

    public string Backend(ServiceRole role, string engine) => Unique(role switch
    {
        ServiceRole.Cache => _chance.Pick(["cache", "session-cache", "hot-cache", "redis-shared", $"{Word()}-cache"]),
        ServiceRole.Broker => _chance.Pick(["queue", "events", $"{engine}", "message-bus", $"{Word()}-{engine}"]),
        _ => _chance.Pick([$"{Word()}-db", $"{engine}-main", $"{Word()}-{engine}", $"db-{Word()}"]),
    });

    /// <summary>How a public path names the service behind it.</summary>
    public string Route(string service) => _style switch
    {
        1 => service.Replace("-service", "", StringComparison.Ordinal),
        2 => service.Replace("-api", "", StringComparison.Ordinal),
        3 => service.Replace("svc-", "", StringComparison.Ordinal),
        _ => service,
    };

    private string Styled(string word) => _style switch
    {
        1 => word + "-service",
        2 => word + "-api",
        3 => "svc-" + word,
        4 => word.Replace("-", "", StringComparison.Ordinal) + "service",
        5 => $"{Theme}-{word}",
        _ => word,
    };

    private string Word()
    {
        var (first, round) = (_words[_next % _words.Count], _next / _words.Count);
        _next++;
        // Large applications have families of services: the word with a facet, then with a number as well.
        if (round == 0) return first;
        var facet = Vocabulary.Facets[(round - 1) % Vocabulary.Facets.Length];
        return round <= Vocabulary.Facets.Length ? $"{first}-{facet}" : $"{first}-{facet}-{round / Vocabulary.Facets.Length + 1}";
    }

    private string Unique(string name)
    {
        var unique = name;
        for (var i = 2; !_taken.Add(unique); i++) unique = $"{name}-{i}";
        return unique;
    }
}
