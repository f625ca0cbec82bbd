using System.Security.Claims;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

/// <summary>The ways in and out. A session is one sign-in of one browser; its id is the claim <see cref="IdClaim"/> of the cookie.</summary>
internal sealed class Sessions(
    SignInManager<AppUser> signIn, UserManager<AppUser> users, AppDbContext db, IOptions<IdentityOptions> identity, TimeProvider time)
{
    public const string IdClaim = "session";

    // Verified when there is nobody to verify, so that an unknown address takes as long as a wrong password.
    private static readonly AppUser Nobody = new();
    private static string? _hashOfNobody;

    /// <summary>
    /// Signs in if address and password belong together and the account is neither locked out nor disabled. It never says which of
    /// them it was.
    /// </summary>
    public async Task<bool> SignInAsync(string email, string password, CancellationToken cancellationToken)
    {
        var user = await users.FindByEmailAsync(email);
        // Counted before the password is looked at: of a thousand guesses at once only ten are heard.
        var mayTry = await CountTryAsync(user?.Id, cancellationToken);
        if (user?.PasswordHash is null || !mayTry)
        {
            _hashOfNobody ??= users.PasswordHasher.HashPassword(Nobody, Guid.NewGuid().ToString());
            users.PasswordHasher.VerifyHashedPassword(Nobody, _hashOfNobody, password);
            return false;
        }
        if (!await users.CheckPasswordAsync(user, password) || user.Disabled)
            return false;
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null).SetProperty(u => u.AccessFailedCount, 0), cancellationToken);
        await StartAsync(user);
        return true;
    }

    private Task StartAsync(AppUser user, string? sessionId = null) => signIn.SignInWithClaimsAsync(
        user, new AuthenticationProperties { IsPersistent = true }, [new Claim(IdClaim, sessionId ?? Guid.NewGuid().ToString("N"))]);

    private async Task<bool> CountTryAsync(string? userId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        DateTimeOffset? until = now + identity.Value.Lockout.DefaultLockoutTimeSpan;
        var last = identity.Value.Lockout.MaxFailedAccessAttempts;
        return await db.Users.Where(u => u.Id == userId && (u.LockoutEnd == null || u.LockoutEnd <= now)).ExecuteUpdateAsync(
            set => set
                .SetProperty(u => u.LockoutEnd, u => u.AccessFailedCount + 1 >= last ? until : null)
                .SetProperty(u => u.AccessFailedCount, u => u.AccessFailedCount + 1 >= last ? 0 : u.AccessFailedCount + 1),
            cancellationToken) == 1;
    }
}
