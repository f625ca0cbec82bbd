using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

/// <summary>What a visitor may do about an account, and whether it would be the first.</summary>
internal sealed record RegistrationOffer(bool IsOpen, bool IsFirst, bool NeedsToken);

/// <summary>Makes accounts. The first one becomes the administrator, and there is exactly one first.</summary>
internal sealed class Registrations(
    UserManager<AppUser> users, AppDbContext db, PasswordTries tries, IOptions<AccountsOptions> accounts, SetupToken setup, TimeProvider time)
{
    public async Task<RegistrationOffer> OfferAsync(CancellationToken cancellationToken)
    {
        var isFirst = !await db.Users.AnyAsync(cancellationToken);
        return new(
            accounts.Value.Registration == RegistrationMode.Open || (accounts.Value.Registration == RegistrationMode.FirstUserOnly && isFirst),
            isFirst, isFirst && setup.IsRequired);
    }

    /// <summary>Makes the account, or says in sentences for the person why not.</summary>
    public async Task<IdentityResult> RegisterAsync(string email, string password, string? setupToken, CancellationToken cancellationToken)
    {
        var user = new AppUser { UserName = email, Email = email, Created = time.GetUtcNow() };
        // Slow, so before the transaction, which holds up all writers.
        if (await tries.SetAsync(user, password, isKnown: false, cancellationToken) is { Succeeded: false } refused)
            return refused;

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var offer = await OfferAsync(cancellationToken);
        if (!offer.IsOpen)
            return Failed("Registration is closed. Ask the administrator of this server for an account.");
        if (offer.NeedsToken && !setup.IsRight(setupToken))
            return Failed("This is not the setup token. The log of the server shows it at each start until there is an account.");
        var result = await users.CreateAsync(user);
        if (!result.Succeeded)
            return result;
        if (offer.IsFirst)
            await MakeAdministratorAsync(user, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (offer.IsFirst)
            setup.Forget();
        return result;
    }

    private async Task MakeAdministratorAsync(AppUser user, CancellationToken cancellationToken)
    {
        // The name of a role is unique, so even where transactions do not exclude each other only one of two firsts can commit.
        var name = users.NormalizeName(CurrentUser.Administrator);
        var role = await db.Roles.FirstOrDefaultAsync(r => r.NormalizedName == name, cancellationToken)
            ?? db.Roles.Add(new IdentityRole(CurrentUser.Administrator) { NormalizedName = name }).Entity;
        db.UserRoles.Add(new() { UserId = user.Id, RoleId = role.Id });
        await db.SaveChangesAsync(cancellationToken);
    }

    private static IdentityResult Failed(string description) => IdentityResult.Failed(new IdentityError { Description = description });
}
