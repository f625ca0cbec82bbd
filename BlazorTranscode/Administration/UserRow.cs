namespace BlazorTranscode.Administration;

/// <summary>One account in the administrator's list.</summary>
/// <param name="Bytes">What this person has stored, announced, or set aside for running jobs.</param>
/// <param name="LockedUntil">When a lockout after wrong passwords ends; null when there is none.</param>
internal sealed record UserRow(string Id, string Email, DateTimeOffset Created, bool IsAdministrator, bool Disabled, DateTimeOffset? LockedUntil, int Passkeys, long Bytes);

/// <summary>A page of the list and how many accounts match in all.</summary>
internal sealed record UserRows(IReadOnlyList<UserRow> Rows, int Total);
