namespace Copilot.Core.Incidents;

/// <summary>One alert as another system reported it.</summary>
/// <param name="Fingerprint">Identifies the alert by its labels: 16 lower-case hexadecimal digits, see <see cref="AlertFingerprint"/>.</param>
/// <param name="Name">The label <c>alertname</c>.</param>
/// <param name="Firing">False once it is resolved.</param>
/// <param name="StartsAt">When it began to fire; a new time with an old fingerprint is the same alert firing again.</param>
/// <param name="EndsAt">When it ended; null while it fires.</param>
public sealed record InboundAlert(
    string Fingerprint, string Name, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations, bool Firing, DateTimeOffset StartsAt, DateTimeOffset? EndsAt);
