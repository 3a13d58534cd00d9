using System.Globalization;
using System.Text.RegularExpressions;
using Copilot.Core.Incidents;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>Reads a calendar and turns its local times into UTC, so that nothing that decides needs to know time zones.</summary>
internal sealed partial class CalendarReader(YamlReader reader)
{
    private const string Form = "yyyy-MM-dd'T'HH:mm";

    public PolicyCalendar? Read(YamlEntry entry)
    {
        var name = reader.Identifier(entry.Key, "calendar");
        var fields = reader.Map(entry.Value, $"the calendar {entry.Key.Text}", "tz", "closed");
        var zone = Zone(fields?.Need("tz"));
        var closed = reader.List(fields?.Need("closed"), "closed");
        if (zone is null || name is null) return null;
        return new(name, zone.Id, [.. closed.Select(c => Interval(c, zone)).OfType<TimeWindow>().OrderBy(w => w.From)]);
    }

    private TimeZoneInfo? Zone(YamlValue? value)
    {
        if (reader.Text(value, "tz") is not { } name) return null;
        try
        {
            // Names such as localtime differ from machine to machine, and so would decisions.
            if (ZoneForm().IsMatch(name)) return TimeZoneInfo.FindSystemTimeZoneById(name);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException or IOException or UnauthorizedAccessException)
        {
            // Told below: a misspelt name and missing time zone data look the same from here.
        }
        reader.Fault(value!, $"the time zone {name} is not known here", "Write UTC or an IANA name such as Europe/Berlin. If it is right, install the time zone data (package tzdata).");
        return null;
    }

    /// <summary>At the hour that a clock shows twice, the interval takes in both.</summary>
    private TimeWindow? Interval(YamlValue value, TimeZoneInfo zone)
    {
        if (reader.Text(value, "an interval") is not { } text) return null;
        var ends = text.Split('/');
        if (ends.Length != 2 || Local(ends[0]) is not { } from || Local(ends[1]) is not { } to)
        {
            reader.Fault(value, $"{text} is no interval", "Write two local times as 2026-11-27T00:00/2026-12-01T12:00.");
            return null;
        }
        if (new[] { from, to }.Where(zone.IsInvalidTime).Select(t => t.ToString(Form, CultureInfo.InvariantCulture)).FirstOrDefault() is { } skipped)
        {
            reader.Fault(value, $"no clock in {zone.Id} shows {skipped}, when summer time begins", "Name a time before or after it.");
            return null;
        }
        var window = new TimeWindow(Utc(from, Offsets(from, zone).Max()), Utc(to, Offsets(to, zone).Min()));
        if (window.From < window.To) return window;
        reader.Fault(value, $"{text} ends before it begins", "Put the earlier time first.");
        return null;
    }

    private static DateTime? Local(string text) =>
        DateTime.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && time.Year is >= 1970 and <= 2200 ? time : null;

    private static TimeSpan[] Offsets(DateTime local, TimeZoneInfo zone) => zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local) : [zone.GetUtcOffset(local)];

    private static DateTimeOffset Utc(DateTime local, TimeSpan offset) => new DateTimeOffset(local, offset).ToUniversalTime();

    [GeneratedRegex(@"^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})\z", RegexOptions.NonBacktracking)]
    private static partial Regex ZoneForm();
}
