using System.Security.Claims;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;

namespace BlazorTranscode.Accounts;

/// <summary>What the forms of the account pages post to when they are not pages themselves. Binding a form checks its antiforgery token.</summary>
internal static class AccountEndpoints
{
    public static void MapSessionForms(this IEndpointRouteBuilder account)
    {
        account.MapPost("/logout", async (ClaimsPrincipal current, Sessions sessions, [FromForm] string? returnUrl) =>
        {
            await sessions.SignOutAsync(current);
            return To(LocalUrl.Or(returnUrl, "/account/login?notice=signed-out"));
        });
        account.MapPost("/sign-out-everywhere", async (ClaimsPrincipal current, Sessions sessions, UserManager<AppUser> users, IFormCollection _) =>
        {
            if (await users.GetUserAsync(current) is { } user)
                await sessions.EndAllAsync(user);
            return To("/account/login?notice=signed-out-everywhere");
        }).RequireAuthorization();
    }

    public static void MapPasskeyForms(this IEndpointRouteBuilder account)
    {
        // For nobody in particular: the answer must not tell whether an address is known, and the browser knows its passkeys.
        account.MapPost("/passkeys/sign-in/options", async (SignInManager<AppUser> signIn, IFormCollection _) =>
            Json(await signIn.MakePasskeyRequestOptionsAsync(null)));
        account.MapPost("/passkeys/sign-in", async (Sessions sessions, [FromForm] string credential, [FromForm] string? returnUrl) =>
        {
            var next = LocalUrl.Or(returnUrl, "/");
            return To(await sessions.SignInWithPasskeyAsync(credential)
                ? next
                : $"/account/login?notice=passkey-refused&returnUrl={Uri.EscapeDataString(next)}");
        });

        var mine = account.MapGroup("/passkeys").RequireAuthorization();
        mine.MapPost("/add/options", async (ClaimsPrincipal current, Passkeys passkeys, IFormCollection _) =>
            await passkeys.BeginAsync(current) is { } options ? Json(options) : Results.Unauthorized());
        mine.MapPost("/add", async (ClaimsPrincipal current, Passkeys passkeys, [FromForm] string credential, [FromForm] string? name) =>
            To(await passkeys.AddAsync(current, credential, name) ? "/account/manage?notice=passkey-added" : "/account/manage?notice=passkey-not-added"));
        mine.MapPost("/rename", async (ClaimsPrincipal current, Passkeys passkeys, [FromForm] string id, [FromForm] string? name) =>
            To(await passkeys.RenameAsync(current, id, name) ? "/account/manage?notice=passkey-renamed" : "/account/manage?notice=passkey-not-renamed"));
        mine.MapPost("/delete", async (ClaimsPrincipal current, Passkeys passkeys, [FromForm] string id) =>
            To(await passkeys.DeleteAsync(current, id) ? "/account/manage?notice=passkey-deleted" : "/account/manage"));
    }

    private static IResult Json(string options) => Results.Content(options, "application/json");

    private static IResult To(string page) => Results.LocalRedirect(page);
}
