using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

/// <summary>Checks passwords so that neither guessing many at once nor looking at the clock helps.</summary>
internal sealed class PasswordTries(UserManager<AppUser> users, AppDbContext db, IOptions<IdentityOptions> identity, TimeProvider time)
{
    // Verified when there is nobody to verify: an unknown address then takes as long as a wrong password.
    private static readonly AppUser Nobody = new();
    private static string? _hashOfNobody;

    /// <summary>Whether this is the person's password and they are not locked out. Also takes the person who does not exist.</summary>
    public async Task<bool> VerifyAsync(AppUser? user, string password, CancellationToken cancellationToken)
    {
        _hashOfNobody ??= users.PasswordHasher.HashPassword(Nobody, Guid.NewGuid().ToString());
        var isHeard = await CountAsync(user?.Id, cancellationToken);
        if (user?.PasswordHash is null || !isHeard || password.Length > PasswordLimits.Longest)
        {
            users.PasswordHasher.VerifyHashedPassword(Nobody, _hashOfNobody, "");
            return false;
        }
        if (!await users.CheckPasswordAsync(user, password))
            return false;
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null).SetProperty(u => u.AccessFailedCount, 0), cancellationToken);
        return true;
    }

    // In one statement and before the password is looked at: of a thousand guesses at once, ten are heard.
    private async Task<bool> CountAsync(string? userId, CancellationToken cancellationToken)
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
