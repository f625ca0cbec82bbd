using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

/// <summary>Identity's complaints as sentences that say what to do. The user name is the address, so each is said once.</summary>
internal sealed class AccountErrors : IdentityErrorDescriber
{
    /// <summary>Too many passwords are being checked or made.</summary>
    public static IdentityError Busy { get; } = new() { Code = nameof(Busy), Description = "Too many sign-ins at once. Try again in a moment." };

    public override IdentityError DuplicateEmail(string email) => Taken(nameof(DuplicateEmail));

    public override IdentityError DuplicateUserName(string userName) => Taken(nameof(DuplicateUserName));

    public override IdentityError InvalidEmail(string? email) => NoAddress(nameof(InvalidEmail));

    public override IdentityError InvalidUserName(string? userName) => NoAddress(nameof(InvalidUserName));

    public override IdentityError PasswordTooShort(int length) =>
        new() { Code = nameof(PasswordTooShort), Description = $"Choose a password of at least {length} characters; a few words are good." };

    public override IdentityError ConcurrencyFailure() =>
        new() { Code = nameof(ConcurrencyFailure), Description = "This account was changed at the same moment. Try again." };

    private static IdentityError Taken(string code) => new() { Code = code, Description = "There is an account with this address already. Sign in instead." };

    private static IdentityError NoAddress(string code) => new() { Code = code, Description = "Type an e-mail address like name@example.org." };
}
