using System.Buffers.Text;
using System.Text;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

/// <summary>
/// The way back without mail: a link that somebody with the right to make it hands over. It works once, because using it changes the
/// security stamp that it was made from, and for <see cref="Lifetime"/>.
/// </summary>
internal sealed class PasswordResets(UserManager<AppUser> users, PasswordTries tries, EndedSessions ended)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <param name="user">Whose password the link sets.</param>
    /// <param name="origin">What the person's browser calls this app, like <c>http://localhost:8080</c>.</param>
    public async Task<Uri> MakeLinkAsync(AppUser user, string origin)
    {
        var code = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(await users.GeneratePasswordResetTokenAsync(user)));
        return new Uri(new Uri(origin), $"/account/reset-password?user={user.Id}&code={code}");
    }

    /// <summary>Whether such a link would still be taken.</summary>
    public async Task<bool> IsGoodAsync(string? userId, string? code) =>
        await FindAsync(userId, code) is { } link && await IsGoodAsync(link);

    /// <summary>Sets the password, ends every session of the person, and a lockout. Null when the link is no good.</summary>
    public async Task<IdentityResult?> UseAsync(string? userId, string? code, string password, CancellationToken cancellationToken)
    {
        if (await FindAsync(userId, code) is not { } link || !await IsGoodAsync(link))
            return null;
        link.User.AccessFailedCount = 0;
        link.User.LockoutEnd = null;
        var result = await tries.SetAsync(link.User, password, isKnown: true, cancellationToken);
        if (result.Succeeded)
            result = await users.UpdateSecurityStampAsync(link.User); // Saves the password too, and the link is used up with it.
        if (result.Succeeded)
            ended.Publish(new(link.User.Id));
        return result;
    }

    private Task<bool> IsGoodAsync((AppUser User, string Token) link) =>
        users.VerifyUserTokenAsync(link.User, users.Options.Tokens.PasswordResetTokenProvider, UserManager<AppUser>.ResetPasswordTokenPurpose, link.Token);

    private async Task<(AppUser User, string Token)?> FindAsync(string? userId, string? code) =>
        userId is not null && Base64Url.IsValid(code) && await users.FindByIdAsync(userId) is { } user
            ? (user, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(code)))
            : null;
}
