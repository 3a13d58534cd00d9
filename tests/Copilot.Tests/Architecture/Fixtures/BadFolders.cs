// Each type breaks one rule in one way and is expected by name in FolderTests; the plain ones are lawful. The folders must differ
// and one file is easier to read against the expectations than ten.
#pragma warning disable IDE0161

using BadFixture.Core.Evidence;

namespace BadFixture.Core.Evidence
{
    public sealed record Item(string Text)
    {
        public static Item Make() => new("");

        public static string Judged() => Analysis.Judge.Say();
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ItemAttribute : Attribute;

    public abstract record Kind;

    public sealed class ItemException : Exception;
}

namespace BadFixture.Core.Incidents
{
    /// <summary>The call is in the body of an async method, which compiles to a nested type.</summary>
    public static class Awaits
    {
        public static async Task<string> Go()
        {
            await Task.Yield();
            return Item.Make().ToString();
        }
    }

    public static class Yields
    {
        public static IEnumerable<object> Go()
        {
            yield return Item.Make();
        }
    }

    /// <summary>The type is named by a generic argument only.</summary>
    public static class Lists
    {
        public static object Go() => Enumerable.Empty<Dictionary<string, Item[]>>();
    }

    public sealed class Constrains<T> where T : Kind;

    [Item]
    public sealed class Arrives;

    public static class Catches
    {
        public static bool Try(Action go)
        {
            try { go(); return true; }
            catch (ItemException) { return false; }
        }
    }

    public static class Lawful
    {
        public static Type Go() => typeof(Arrives);
    }
}

namespace BadFixture.Core.Analysis
{
    public static class Judge
    {
        public static string Say() => Evidence.Item.Make().Text;
    }
}

namespace BadFixture.Core.Unheard
{
    public static class Stray;
}

namespace BadFixture.Core
{
    public static class Stray;
}

namespace BadFixture.Engine.Snapshots
{
    public static class Reader
    {
        public static Core.Evidence.Item Read() => Core.Evidence.Item.Make();
    }
}

namespace BadFixture.Engine.Signals.Traces
{
    /// <summary>A sub-folder has the rights of its folder and no more.</summary>
    public static class Spans
    {
        public static string Lawful() => Snapshots.Reader.Read().Text;

        public static string Unlawful() => Core.Analysis.Judge.Say();
    }
}

namespace BadFixture
{
    public static class Composition
    {
        public static string Lawful() => Cli.Verb.Lawful() + UseCases.Investigate.Lawful();
    }
}

namespace BadFixture.Configuration
{
    public static class Options
    {
        public static string Unlawful() => UseCases.Investigate.Lawful();
    }
}

namespace BadFixture.UseCases
{
    public static class Wires
    {
        public static string Unlawful() => Composition.Lawful();
    }

    public static class Investigate
    {
        public static string Lawful() => Engine.Snapshots.Reader.Read().Text + Core.Analysis.Judge.Say();
    }
}

namespace BadFixture.Cli
{
    public static class Verb
    {
        public static string Lawful() => UseCases.Investigate.Lawful();

        public static Func<object> Unlawful() => () => Engine.Snapshots.Reader.Read();
    }
}
