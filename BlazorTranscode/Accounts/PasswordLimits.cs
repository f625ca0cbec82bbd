using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

/// <summary>What Identity's own options cannot say: a longest password, and that one's address is none.</summary>
internal sealed class PasswordLimits : IPasswordValidator<AppUser>
{
    public const int Shortest = 12;
    public const int Longest = 128;

    public Task<IdentityResult> ValidateAsync(UserManager<AppUser> manager, AppUser user, string? password) => Task.FromResult(password switch
    {
        { Length: > Longest } => Failed("PasswordTooLong", $"Choose a password of at most {Longest} characters."),
        not null when string.Equals(password, user.Email, StringComparison.OrdinalIgnoreCase) =>
            Failed("PasswordIsAddress", "Choose a password that is not your e-mail address."),
        _ => IdentityResult.Success,
    });

    private static IdentityResult Failed(string code, string description) => IdentityResult.Failed(new IdentityError { Code = code, Description = description });
}
