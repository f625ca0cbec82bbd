using System.Security.Claims;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

/// <summary>
/// The ways in and out. A session is one sign-in of one browser; its id is a claim of the cookie, so that signing out closes that
/// browser's tabs and no others. Needs a request: cookies are set.
/// </summary>
internal sealed partial class Sessions(
    SignInManager<AppUser> signIn, UserManager<AppUser> users, PasswordTries tries, KnownBrowsers browsers, EndedSessions ended, ILogger<Sessions> logger)
{
    public const string IdClaim = "session";

    // Longer than any reason for a failure takes to find: a wrong password costs a write to the disk, an unknown address none.
    private static readonly TimeSpan FailureTakes = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Signs in if address and password belong together and the account is neither locked out nor disabled. It never says which of
    /// them it was, nor by the time it takes.
    /// </summary>
    public async Task<SignInOutcome> SignInAsync(string email, string password, CancellationToken cancellationToken)
    {
        var failure = Task.Delay(FailureTakes, cancellationToken);
        var user = email.Any(char.IsControl) ? null : await users.FindByEmailAsync(email);
        try
        {
            if (!await tries.VerifyAsync(email, user, password, cancellationToken) || user is null or { Disabled: true })
            {
                Refused(logger, user?.Id ?? "an unknown address");
                await failure;
                return SignInOutcome.Refused;
            }
        }
        catch (PasswordRoomFullException)
        {
            return SignInOutcome.Busy;
        }

        await BeginAsync(user);
        return SignInOutcome.Done;
    }

    /// <summary>Signs in the person whose account was made in this very request.</summary>
    public async Task StartFirstAsync(string email)
    {
        if (await users.FindByEmailAsync(email) is { } user)
            await BeginAsync(user);
    }

    /// <summary>Signs in with what the browser's authenticator answered. A lockout does not count: it is about guessed passwords.</summary>
    public async Task<bool> SignInWithPasskeyAsync(string credential)
    {
        var assertion = await AssertAsync(credential);
        if (assertion is not { Succeeded: true, User: { Disabled: false } user })
        {
            Refused(logger, assertion?.User?.Id ?? "a passkey");
            return false;
        }
        await users.AddOrUpdatePasskeyAsync(user, assertion.Passkey); // Its counter went up.
        await BeginAsync(user);
        return true;
    }

    /// <summary>Ends every session of this person but the one that asks, whose cookie is written anew.</summary>
    public async Task EndOthersAsync(AppUser user, ClaimsPrincipal current)
    {
        await users.UpdateSecurityStampAsync(user);
        var stays = current.FindFirstValue(IdClaim) ?? Guid.NewGuid().ToString("N");
        ended.Publish(new(user.Id) { Stays = stays });
        await StartAsync(user, stays);
    }

    /// <summary>Ends every session of this person, in this browser too.</summary>
    public async Task EndAllAsync(AppUser user)
    {
        await users.UpdateSecurityStampAsync(user);
        await signIn.SignOutAsync();
        ended.Publish(new(user.Id));
    }

    /// <summary>Signs this browser out, with all its tabs.</summary>
    public async Task SignOutAsync(ClaimsPrincipal current)
    {
        await signIn.SignOutAsync();
        if (current is { UserId: { } userId } && current.FindFirstValue(IdClaim) is { } sessionId)
            ended.Publish(new(userId) { SessionId = sessionId });
    }

    /// <summary>Identity makes a new principal at each check of the stamp; the session stays the same one.</summary>
    public static Task KeepId(SecurityStampRefreshingPrincipalContext context)
    {
        if (context.CurrentPrincipal?.FindFirst(IdClaim) is { } id && context.NewPrincipal?.Identity is ClaimsIdentity identity)
            identity.AddClaim(id.Clone());
        return Task.CompletedTask;
    }

    private async Task BeginAsync(AppUser user)
    {
        await StartAsync(user, Guid.NewGuid().ToString("N"));
        browsers.Remember(signIn.Context, user.Id);
    }

    private Task StartAsync(AppUser user, string sessionId) => signIn.SignInWithClaimsAsync(
        user, new AuthenticationProperties { IsPersistent = true }, [new Claim(IdClaim, sessionId)]);

    private async Task<PasskeyAssertionResult<AppUser>?> AssertAsync(string credential)
    {
        try
        {
            return await signIn.PerformPasskeyAssertionAsync(credential);
        }
        catch (InvalidOperationException)
        {
            return null; // No challenge is open: it was used, or its five minutes are over.
        }
    }

    [LoggerMessage(LogLevel.Information, "Sign-in of {Who} refused")]
    private static partial void Refused(ILogger logger, string who);
}

/// <summary>What became of a sign-in with a password.</summary>
internal enum SignInOutcome
{
    Refused,
    Done,

    /// <summary>Too many are being checked; the password was not looked at.</summary>
    Busy,
}
