using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

/// <summary>Checks and sets passwords so that neither guessing many at once nor looking at the clock helps.</summary>
internal sealed class PasswordTries(
    UserManager<AppUser> users, PasswordRoom room, WrongPasswords wrong, KnownBrowsers browsers, IHttpContextAccessor http, TimeProvider time)
{
    // Verified when there is nobody to verify: an unknown address then takes as long as a wrong password.
    private static readonly AppUser Nobody = new();
    private static string? _hashOfNobody;

    private HttpContext Context => http.HttpContext ?? throw new InvalidOperationException("Passwords are checked in requests only.");

    /// <summary>Whether this is the password of the account with this address. An account that does not exist takes as long.</summary>
    /// <exception cref="PasswordRoomFullException">Too many are being checked; the try does not count.</exception>
    public Task<bool> VerifyAsync(string email, AppUser? user, string password, CancellationToken cancellationToken)
    {
        var browser = user is null ? null : browsers.Find(Context, user.Id);
        var source = browser is null ? $"network {VisitorNetwork.Of(Context.Connection.RemoteIpAddress)}" : $"browser {browser}";
        return VerifyAsync(Key(email), source, browser is not null, user, password, cancellationToken);
    }

    /// <summary>Whether the signed-in person knows their password. Tries are counted by session: a found cookie is not good for guessing.</summary>
    /// <exception cref="PasswordRoomFullException">Too many are being checked; the try does not count.</exception>
    public Task<bool> VerifyAgainAsync(AppUser user, string password, CancellationToken cancellationToken) =>
        VerifyAsync(Key(user.Email!), $"session {Context.User.FindFirst(Sessions.IdClaim)?.Value}", isKnown: true, user, password, cancellationToken);

    /// <summary>Gives the user a new password if it is a good one; the caller saves.</summary>
    /// <param name="isKnown">Whether the person has proved who they are.</param>
    public async Task<IdentityResult> SetAsync(AppUser user, string password, bool isKnown, CancellationToken cancellationToken)
    {
        foreach (var validator in users.PasswordValidators)
        {
            if (await validator.ValidateAsync(users, user, password) is { Succeeded: false } weak)
                return weak;
        }

        try
        {
            user.PasswordHash = await room.RunAsync(() => users.PasswordHasher.HashPassword(user, password), isKnown, cancellationToken);
        }
        catch (PasswordRoomFullException)
        {
            return IdentityResult.Failed(AccountErrors.Busy);
        }

        // Not for a registration: a stranger could ask for one with somebody else's address, to try passwords anew.
        if (isKnown && user.Email is not null)
            wrong.ForgetAll(Key(user.Email));
        return IdentityResult.Success;
    }

    private async Task<bool> VerifyAsync(
        string account, string source, bool isKnown, AppUser? user, string password, CancellationToken cancellationToken)
    {
        if (!wrong.TryBegin(account, source))
            return false;
        if (!isKnown && wrong.Slow(account) is { Ticks: > 0 } wait)
            await Task.Delay(wait, time, cancellationToken);
        try
        {
            if (!await room.RunAsync(() => IsRight(user, password), isKnown, cancellationToken))
                return false;
        }
        catch (PasswordRoomFullException)
        {
            wrong.TakeBack(account, source);
            throw;
        }

        wrong.Forget(account, source);
        return true;
    }

    private bool IsRight(AppUser? user, string password)
    {
        var hasher = users.PasswordHasher;
        _hashOfNobody ??= hasher.HashPassword(Nobody, Guid.NewGuid().ToString());
        // A lockout is set by hand only: nothing that a stranger does sets one.
        var isOpen = user?.PasswordHash is not null && !(user.LockoutEnd > time.GetUtcNow()) && password.Length <= PasswordLimits.Longest;
        var verified = isOpen
            ? hasher.VerifyHashedPassword(user!, user!.PasswordHash!, password)
            : hasher.VerifyHashedPassword(Nobody, _hashOfNobody, "");
        return isOpen && verified != PasswordVerificationResult.Failed;
    }

    // Longer than any address of an account: what is cut off belongs to nobody.
    private string Key(string email) => users.NormalizeEmail(email.Length > 256 ? email[..256] : email);
}
