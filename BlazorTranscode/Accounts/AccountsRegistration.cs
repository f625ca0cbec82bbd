using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

internal static class AccountsRegistration
{
    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        builder.Services.AddAuthorization();
        builder.Services.AddIdentityCore<AppUser>(options => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3)
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<AppDbContext>()
            .AddSignInManager()
            .AddDefaultTokenProviders();
    }

    public static void MapAccounts(this WebApplication app)
    {
    }
}
