using BlazorTranscode.Data;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

internal static class AccountsRegistration
{
    /// <summary>How soon a session that was ended elsewhere is noticed without the in-process event, in cookies and in circuits.</summary>
    public static readonly TimeSpan StampCheck = TimeSpan.FromMinutes(1);

    /// <summary>People, their passwords and passkeys, their sessions.</summary>
    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings<AccountsOptions>()
            .Configure<IConfiguration>((options, settings) => options.PublicOrigin = settings["PublicOrigin"] is { Length: > 0 } origin ? origin : null);
        services.AddSettings<LimitsOptions>();
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, AccountCookies>();
        services.AddSingleton<IConfigureOptions<AntiforgeryOptions>, AccountCookies>();

        services.AddIdentityCore<AppUser>(ConfigureIdentity)
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<AppDbContext>()
            .AddSignInManager()
            .AddPasswordValidator<PasswordLimits>()
            .AddErrorDescriber<AccountErrors>()
            .AddDefaultTokenProviders();
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = 250_000);
        services.Configure<SecurityStampValidatorOptions>(options => (options.ValidationInterval, options.OnRefreshingPrincipal) = (StampCheck, Sessions.KeepId));
        services.Configure<DataProtectionTokenProviderOptions>(options => options.TokenLifespan = PasswordResets.Lifetime);
        services.AddSingleton<IConfigureOptions<IdentityPasskeyOptions>, PasskeyRules>();

        services.AddSingleton<EndedSessions>().AddSingleton<PasswordRoom>().AddSingleton<WrongPasswords>().AddSingleton<KnownBrowsers>();
        services.AddScoped<AuthenticationStateProvider, CircuitAuthentication>();
        services.AddSingleton<SetupToken>().AddHostedService(provider => provider.GetRequiredService<SetupToken>());
        services.AddScoped<PasswordTries>().AddScoped<Sessions>().AddScoped<Passkeys>().AddScoped<Registrations>().AddScoped<PasswordResets>();
    }

    public static void MapAccounts(this WebApplication app)
    {
        var account = app.MapGroup("/account");
        account.MapSessionForms();
        account.MapPasskeyForms();
    }

    private static void ConfigureIdentity(IdentityOptions options)
    {
        options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
        options.User.RequireUniqueEmail = true;
        options.User.AllowedUserNameCharacters += "!#$%&'*/=?^`{|}~"; // What RFC 5322 allows before the @, and no look-alikes.
        options.Password.RequiredLength = PasswordLimits.Shortest;
        options.Password.RequiredUniqueChars = 1;
        options.Password.RequireDigit = options.Password.RequireLowercase = options.Password.RequireUppercase = options.Password.RequireNonAlphanumeric = false;
    }
}
