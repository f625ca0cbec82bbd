using System.Security.Claims;
using BlazorTranscode.Accounts;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Administration;

/// <summary>
/// What administrators do to accounts. Each call has services of its own, because a circuit outlives any of them, and asks the database
/// whether the person at the circuit is still an administrator.
/// </summary>
internal sealed partial class UserAdministration(
    IServiceScopeFactory scopes, IDbContextFactory<AppDbContext> dbs, PersonalRoom room, EndedSessions ended, TimeProvider time, ILogger<UserAdministration> logger)
{
    /// <summary>Accounts whose address contains the text, in the order of their addresses.</summary>
    public async Task<UserRows> ListAsync(string? text, int skip, int take, CancellationToken cancellationToken)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var (roles, userRoles, passkeys) = (db.Roles, db.UserRoles, db.UserPasskeys);
        var found = db.Users.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(text))
        {
            var wanted = text.Trim().ToUpperInvariant();
            found = found.Where(user => user.NormalizedEmail!.Contains(wanted));
        }
        var rows = await found.OrderBy(user => user.NormalizedEmail).Skip(skip).Take(take).Select(user => new UserRow(
            user.Id, user.Email!, user.Created,
            userRoles.Any(has => has.UserId == user.Id && roles.Any(role => role.Id == has.RoleId && role.Name == CurrentUser.Administrator)),
            user.Disabled,
            user.LockoutEnd > now ? user.LockoutEnd : null,
            passkeys.Count(passkey => passkey.UserId == user.Id), 0)).ToListAsync(cancellationToken);
        var used = await room.UsedByAsync(db, [.. rows.Select(row => row.Id)], cancellationToken);
        return new([.. rows.Select(row => row with { Bytes = used.GetValueOrDefault(row.Id) })], await found.CountAsync(cancellationToken));
    }

    /// <summary>A link that sets the person's password once; null when this was not allowed.</summary>
    public async Task<Uri?> MakeResetLinkAsync(ClaimsPrincipal actor, string userId, string origin)
    {
        Uri? link = null;
        await ActAsync(actor, userId, "reset link", async (services, user) =>
        {
            link = await services.GetRequiredService<PasswordResets>().MakeLinkAsync(user, origin);
            return IdentityResult.Success;
        });
        return link;
    }

    /// <summary>Shuts a person out of every session and way in. False also for oneself: somebody must be left to undo it.</summary>
    public async Task<bool> DisableAsync(ClaimsPrincipal actor, string userId)
    {
        var done = userId != actor.UserId && await ActAsync(actor, userId, "disable", (services, user) =>
        {
            user.Disabled = true;
            return services.GetRequiredService<UserManager<AppUser>>().UpdateSecurityStampAsync(user);
        });
        if (done)
            ended.Publish(new(userId));
        return done;
    }

    /// <summary>Lets a disabled person in again and ends a lockout before its time.</summary>
    public Task<bool> ReopenAsync(ClaimsPrincipal actor, string userId) => ActAsync(actor, userId, "reopen", (services, user) =>
    {
        (user.Disabled, user.LockoutEnd, user.AccessFailedCount) = (false, null, 0);
        return services.GetRequiredService<UserManager<AppUser>>().UpdateAsync(user);
    });

    /// <summary>Makes an account without a password, whatever the setting says about registration; a reset link gives it one.</summary>
    /// <returns>The id of the account, or why there is none.</returns>
    public async Task<(string? Id, string? Problem)> AddAsync(ClaimsPrincipal actor, string email)
    {
        await using var scope = scopes.CreateAsyncScope();
        if (!await IsAdministratorAsync(scope.ServiceProvider, actor))
            return (null, "You may not do this any more. Load the page again.");
        var user = new AppUser { UserName = email, Email = email, Created = time.GetUtcNow() };
        var result = await scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>().CreateAsync(user);
        return result.Succeeded ? (user.Id, null) : (null, result.Errors.First().Description);
    }

    private async Task<bool> ActAsync(ClaimsPrincipal actor, string userId, string what, Func<IServiceProvider, AppUser, Task<IdentityResult>> act)
    {
        await using var scope = scopes.CreateAsyncScope();
        if (!await IsAdministratorAsync(scope.ServiceProvider, actor))
            return false;
        if (await scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>().FindByIdAsync(userId) is not { } user)
            return false;
        if (!(await act(scope.ServiceProvider, user)).Succeeded)
            return false;
        Done(logger, actor.UserId, what, userId);
        return true;
    }

    /// <summary>Whether the person is an administrator now, and not only when the circuit began.</summary>
    public static async Task<bool> IsAdministratorAsync(IServiceProvider services, ClaimsPrincipal actor)
    {
        var signIn = services.GetRequiredService<SignInManager<AppUser>>();
        return await signIn.ValidateSecurityStampAsync(actor) is { } user && await signIn.UserManager.IsInRoleAsync(user, CurrentUser.Administrator);
    }

    [LoggerMessage(LogLevel.Information, "Administrator {Actor}: {What} for account {User}")]
    private static partial void Done(ILogger logger, string? actor, string what, string user);
}
