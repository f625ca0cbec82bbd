using BlazorTranscode.Data;

namespace BlazorTranscode.Accounts;

/// <summary>Who may make an account.</summary>
internal enum RegistrationMode
{
    FirstUserOnly,
    Open,
    Closed,
}

/// <summary>Settings under <c>Accounts</c>, and the outside address of the app, which is the root setting <c>PublicOrigin</c>.</summary>
[Settings("Accounts")]
internal sealed class AccountsOptions
{
    public RegistrationMode Registration { get; set; } = RegistrationMode.FirstUserOnly;

    /// <summary>The first account needs a token that only the log shows: whoever finds a new server first must not own it.</summary>
    public bool RequireSetupToken { get; set; }

    /// <summary>What browsers call this app, like <c>https://audio.example.org</c>; null when only the request tells. Hosting checks its form.</summary>
    public string? PublicOrigin { get; internal set; }

    /// <summary>Browsers drop <c>__Host-</c> and Secure cookies on plain http, so both hold when the outside address is https and only then.</summary>
    public bool IsHttps => PublicOrigin?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) is true;
}
