using Copilot.Core.Actions;

namespace Copilot.Core.Policy.Regions;

/// <summary>
/// One text for every way in which texts can match a set of names and patterns. The patterns run together as one automaton (subset construction; M. O. Rabin and D. Scott,
/// "Finite Automata and Their Decision Problems", 1959), so that no way is left out and none is made up.
/// </summary>
internal static class TextClasses
{
    private const int MostStates = 20_000;

    /// <param name="names">Matched letter by letter.</param>
    /// <param name="patterns">As in <see cref="Glob"/>.</param>
    /// <returns>The shortest texts, in the order of their length; the empty one only where nothing else matches in its way.</returns>
    /// <exception cref="PolicyTooLargeException">The patterns can be matched in more ways than can be gone through.</exception>
    public static IReadOnlyList<string> Witnesses(IReadOnlyList<string> names, IReadOnlyList<string> patterns)
    {
        var automaton = new Automaton([.. names, .. patterns], names.Count);
        var alphabet = Alphabet(names, patterns);
        var witnesses = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var queue = new Queue<(List<(int Text, int At)> State, string Read)>();
        queue.Enqueue((automaton.Start, ""));
        while (queue.TryDequeue(out var next))
        {
            if (next.Read.Length > 0) witnesses.TryAdd(automaton.Accepted(next.State), next.Read);
            foreach (var letter in alphabet)
            {
                var state = automaton.Step(next.State, letter);
                if (!seen.Add(string.Join(',', state))) continue;
                if (seen.Count > MostStates) throw new PolicyTooLargeException("its names and patterns can match in too many ways");
                queue.Enqueue((state, next.Read + letter));
            }
        }
        witnesses.TryAdd(automaton.Accepted(automaton.Start), "");
        return [.. witnesses.Values.OrderBy(w => w.Length).ThenBy(w => w, StringComparer.Ordinal)];
    }

    /// <summary>Every character that names and patterns tell from others, the one that no star crosses, and one that stands for all the rest.</summary>
    private static List<char> Alphabet(IReadOnlyList<string> names, IReadOnlyList<string> patterns)
    {
        var letters = names.SelectMany(n => n).Concat(patterns.SelectMany(p => p).Where(c => c != '*')).Append('/').Distinct().Order().ToList();
        var other = Enumerable.Range('a', 26).Concat(Enumerable.Range('0', 10)).Concat(Enumerable.Range(0x100, 0x1000)).Select(c => (char)c).First(c => !letters.Contains(c));
        return [other, .. letters];
    }

    /// <summary>All names and patterns at once. A state is where in each of them one may be.</summary>
    private sealed class Automaton(IReadOnlyList<string> texts, int names)
    {
        public List<(int Text, int At)> Start => Closed(Enumerable.Range(0, texts.Count).Select(t => (t, 0)));

        public string Accepted(List<(int Text, int At)> state) => string.Join(',', state.Where(s => s.At == texts[s.Text].Length).Select(s => s.Text));

        public List<(int Text, int At)> Step(List<(int Text, int At)> state, char letter) =>
            Closed(state.Where(s => s.At < texts[s.Text].Length && (IsStar(s) ? letter != '/' : texts[s.Text][s.At] == letter)).Select(s => IsStar(s) ? s : (s.Text, s.At + 1)));

        private bool IsStar((int Text, int At) place) => place.Text >= names && place.At < texts[place.Text].Length && texts[place.Text][place.At] == '*';

        /// <summary>With the places that a star which stands for nothing leads to.</summary>
        private List<(int Text, int At)> Closed(IEnumerable<(int Text, int At)> places)
        {
            var closed = new SortedSet<(int Text, int At)>();
            foreach (var place in places)
                for (var next = place; closed.Add(next) && IsStar(next); next.At++) { }
            return [.. closed];
        }
    }
}
