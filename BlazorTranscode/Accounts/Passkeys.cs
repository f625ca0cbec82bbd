using System.Buffers.Text;
using System.Security.Claims;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

/// <summary>The passkeys of the person who asks. Ids are the credential id in base64url, as in WebAuthn's JSON.</summary>
internal sealed class Passkeys(UserManager<AppUser> users, SignInManager<AppUser> signIn, Sessions sessions)
{
    public const int LongestName = 60;
    private const int Most = 20;

    /// <summary>The options that <c>navigator.credentials.create</c> wants; the challenge is kept in a cookie for five minutes.</summary>
    public async Task<string?> BeginAsync(ClaimsPrincipal current) => await users.GetUserAsync(current) is { } user
        ? await signIn.MakePasskeyCreationOptionsAsync(new() { Id = user.Id, Name = user.Email!, DisplayName = user.Email! })
        : null;

    public async Task<IReadOnlyList<UserPasskeyInfo>> ListAsync(AppUser user) =>
        [.. (await users.GetPasskeysAsync(user)).OrderBy(passkey => passkey.CreatedAt)];

    public async Task<bool> AddAsync(ClaimsPrincipal current, string credential, string? name)
    {
        if (await users.GetUserAsync(current) is not { } user)
            return false;
        if (await AttestAsync(credential) is not { Succeeded: true } made || made.UserEntity.Id != user.Id)
            return false;
        var count = (await users.GetPasskeysAsync(user)).Count;
        made.Passkey.Name = Name(name) ?? $"Passkey {count + 1}";
        return count < Most && (await users.AddOrUpdatePasskeyAsync(user, made.Passkey)).Succeeded;
    }

    public async Task<bool> RenameAsync(ClaimsPrincipal current, string id, string? name)
    {
        if (await FindAsync(current, id) is not ({ } user, { } passkey) || Name(name) is not { } wanted)
            return false;
        passkey.Name = wanted;
        return (await users.AddOrUpdatePasskeyAsync(user, passkey)).Succeeded;
    }

    /// <summary>Whoever deletes a passkey may have lost the device: sessions elsewhere end with it.</summary>
    public async Task<bool> DeleteAsync(ClaimsPrincipal current, string id)
    {
        if (await FindAsync(current, id) is not ({ } user, { } passkey) || !(await users.RemovePasskeyAsync(user, passkey.CredentialId)).Succeeded)
            return false;
        await sessions.EndOthersAsync(user, current);
        return true;
    }

    private async Task<(AppUser User, UserPasskeyInfo Passkey)?> FindAsync(ClaimsPrincipal current, string id) =>
        Base64Url.IsValid(id) && await users.GetUserAsync(current) is { } user
        && await users.GetPasskeyAsync(user, Base64Url.DecodeFromChars(id)) is { } passkey
            ? (user, passkey)
            : null;

    private async Task<PasskeyAttestationResult?> AttestAsync(string credential)
    {
        try
        {
            return await signIn.PerformPasskeyAttestationAsync(credential);
        }
        catch (InvalidOperationException)
        {
            return null; // No challenge is open: it was used, or its five minutes are over.
        }
    }

    private static string? Name(string? typed) => typed?.Trim() is { Length: > 0 and <= LongestName } name && !name.Any(char.IsControl) ? name : null;
}
