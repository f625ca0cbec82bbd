using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Data;

/// <summary>A person with an account. Lives here, not in Accounts, because the database context needs it and knows no feature.</summary>
internal sealed class AppUser : IdentityUser
{
    public DateTimeOffset Created { get; init; }

    /// <summary>Shut out by an administrator, whatever the way in. A lockout is something else: it ends by itself and passkeys pass it.</summary>
    public bool Disabled { get; set; }
}
