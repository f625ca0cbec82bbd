using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

/// <summary>How the cookies of sign-ins and forms are named and guarded.</summary>
internal sealed class AccountCookies(IOptions<AccountsOptions> accounts, EndedSessions ended)
    : IConfigureNamedOptions<CookieAuthenticationOptions>, IConfigureOptions<AntiforgeryOptions>
{
    private bool IsHttps => accounts.Value.IsHttps;

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        // Identity has three more. One carries the challenge of a passkey; the others are never set, but a sign-out clears them.
        var isSignIn = name == IdentityConstants.ApplicationScheme;
        Guard(options.Cookie, isSignIn ? "bt-session" : $"bt-{name}", SameSiteMode.Lax);
        if (!isSignIn)
            return;
        options.ExpireTimeSpan = TimeSpan.FromDays(14);
        options.SlidingExpiration = true;
        options.LoginPath = "/account/login";
        options.LogoutPath = "/account/logout";
        options.AccessDeniedPath = "/account/access-denied";
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnValidatePrincipal = ValidateAsync;
        // The page that signs in or out leads on by itself, and it knows what a header can hold.
        options.Events.OnRedirectToReturnUrl = _ => Task.CompletedTask;
        options.Events.OnRedirectToLogin = context => Answer(context, StatusCodes.Status401Unauthorized);
        options.Events.OnRedirectToAccessDenied = context => Answer(context, StatusCodes.Status403Forbidden);
    }

    public void Configure(CookieAuthenticationOptions options) => Configure(Options.DefaultName, options);

    public void Configure(AntiforgeryOptions options) => Guard(options.Cookie, "bt-form", SameSiteMode.Strict);

    private void Guard(CookieBuilder cookie, string name, SameSiteMode sameSite)
    {
        cookie.Name = IsHttps ? "__Host-" + name : name;
        cookie.SecurePolicy = IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        cookie.SameSite = sameSite;
        cookie.HttpOnly = true;
        cookie.Path = "/";
    }

    private async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        if (ended.Has(context.Principal))
        {
            // A request that overlapped the sign-out may have brought the cookie back.
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
            return;
        }
        if (ended.HasSomeOf(context.Principal))
            context.Properties.IssuedUtc = null; // Identity then looks at the stamp now instead of within the minute.
        await SecurityStampValidator.ValidatePrincipalAsync(context);
    }

    // A person is led to a page; a script, a player or an uploader would take that page for the answer.
    private static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            context.Response.Redirect(context.RedirectUri);
        else
            context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
