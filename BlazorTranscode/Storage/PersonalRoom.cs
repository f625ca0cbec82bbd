using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Storage;

/// <summary>
/// How many bytes each person uses, and how many they may. What counts is the sum over every <see cref="BytesOfPeople"/>, read from the
/// rows themselves, so that no counter can be wrong after a crash.
/// </summary>
internal sealed class PersonalRoom(IEnumerable<BytesOfPeople> kinds, IOptions<StorageOptions> options, TimeProvider time)
{
    /// <summary>What one person uses and may use. A decision that is based on it belongs into the same write transaction.</summary>
    public async Task<PersonalUse> OfAsync(AppDbContext db, string ownerId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        long used = 0;
        foreach (var kind in kinds)
            used += await kind.Query(db, now).Where(owned => owned.OwnerId == ownerId).SumAsync(owned => owned.Bytes, cancellationToken);
        var limit = options.Value.MaxBytesPerPerson;
        return new(used, limit == 0 || await IsAdministratorAsync(db, ownerId, cancellationToken) ? null : limit);
    }

    /// <summary>What each of these people uses; who uses nothing may be missing.</summary>
    public async Task<IReadOnlyDictionary<string, long>> UsedByAsync(
        AppDbContext db, IReadOnlyCollection<string> ownerIds, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var used = new Dictionary<string, long>();
        foreach (var kind in kinds)
        {
            var sums = await kind.Query(db, now).Where(owned => ownerIds.Contains(owned.OwnerId)).GroupBy(owned => owned.OwnerId)
                .Select(group => new { OwnerId = group.Key, Bytes = group.Sum(owned => owned.Bytes) }).ToListAsync(cancellationToken);
            foreach (var sum in sums)
                used[sum.OwnerId] = used.GetValueOrDefault(sum.OwnerId) + sum.Bytes;
        }

        return used;
    }

    private static Task<bool> IsAdministratorAsync(AppDbContext db, string userId, CancellationToken cancellationToken)
    {
        var roles = db.Roles;
        return db.UserRoles.Where(has => has.UserId == userId)
            .AnyAsync(has => roles.Any(role => role.Id == has.RoleId && role.Name == CurrentUser.Administrator), cancellationToken);
    }
}

/// <summary>
/// One kind of bytes that count for people, such as sources or begun uploads. The folder that writes the rows registers it.
/// </summary>
/// <param name="Query">All rows of the kind at this moment, with whose they are.</param>
internal sealed record BytesOfPeople(Func<AppDbContext, DateTimeOffset, IQueryable<OwnedBytes>> Query);

/// <summary>Bytes that somebody has.</summary>
internal sealed class OwnedBytes
{
    public required string OwnerId { get; init; }

    public required long Bytes { get; init; }
}

/// <summary>What a person uses and may use, in bytes.</summary>
/// <param name="Used">Stored, announced or set aside for running jobs.</param>
/// <param name="Limit">Null if there is none.</param>
public sealed record PersonalUse(long Used, long? Limit)
{
    public bool HasRoomFor(long bytes) => Limit is not { } limit || bytes <= limit - Used;
}
