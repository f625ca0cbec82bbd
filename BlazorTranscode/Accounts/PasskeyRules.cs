using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

/// <summary>Which passkeys are made and taken.</summary>
internal sealed class PasskeyRules(IOptions<AccountsOptions> accounts) : IConfigureOptions<IdentityPasskeyOptions>
{
    public void Configure(IdentityPasskeyOptions options)
    {
        var publicOrigin = accounts.Value.PublicOrigin;
        options.ServerDomain = publicOrigin is null ? null : new Uri(publicOrigin).IdnHost;
        options.UserVerificationRequirement = "required";
        options.ResidentKeyRequirement = "required"; // The sign-in names no account, so the authenticator must know whose it is.
        // Identity's own check reads the Origin header, which is "null" on forms under Referrer-Policy no-referrer.
        options.ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin
            && context.Origin == (publicOrigin ?? $"{context.HttpContext.Request.Scheme}://{context.HttpContext.Request.Host}"));
    }
}
