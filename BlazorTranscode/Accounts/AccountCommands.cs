using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

/// <summary>What a person with a shell on the machine may do: they own the database anyway.</summary>
internal static class AccountCommands
{
    /// <summary>Prints a link that sets a new password. Works beside a running server.</summary>
    /// <returns>False if there is no such account, which it has said.</returns>
    public static async Task<bool> PrintResetLinkAsync(WebApplication app, string email)
    {
        var database = app.Services.GetRequiredService<IOptions<DataOptions>>().Value.Database;
        if (!File.Exists(database))
        {
            await Console.Error.WriteLineAsync($"There is no database {database}. Name the folder of the running app with Data__Folder.");
            return false;
        }
        await using var scope = app.Services.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>().FindByEmailAsync(email) is not { } user)
        {
            await Console.Error.WriteLineAsync($"""There is no account with the address "{email}".""");
            return false;
        }
        var link = await scope.ServiceProvider.GetRequiredService<PasswordResets>().MakeLinkAsync(user, Origin(app));
        Console.WriteLine($"This link sets a new password for {user.Email}, once, within {PasswordResets.Lifetime.TotalHours:0} hours:\n{link}");
        return true;
    }

    // The server that will take the link is another process; it listens where the same settings say.
    private static string Origin(WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<AccountsOptions>>().Value.PublicOrigin is { } origin)
            return origin;
        var listening = BindingAddress.Parse((app.Configuration["urls"] ?? "http://localhost:5000").Split(';')[0]);
        return $"{listening.Scheme}://localhost:{listening.Port}";
    }
}
