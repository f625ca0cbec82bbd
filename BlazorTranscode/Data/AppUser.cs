using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Data;

/// <summary>A person with an account. Lives here, not in Accounts, because the database context needs it and knows no feature.</summary>
internal sealed class AppUser : IdentityUser;
