using System.Security.Claims;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

/// <summary>
/// Who sits at a circuit. A circuit reads its cookie once, so it asks again every minute whether the session still holds, and hears of
/// sessions that end in this process at once.
/// </summary>
internal sealed class CircuitAuthentication : RevalidatingServerAuthenticationStateProvider
{
    private static readonly AuthenticationState SignedOut = new(new ClaimsPrincipal(new ClaimsIdentity()));

    private readonly IServiceScopeFactory _scopes;
    private readonly IDisposable _ended;
    private Task<AuthenticationState>? _state;

    public CircuitAuthentication(ILoggerFactory loggers, IServiceScopeFactory scopes, EndedSessions ended) : base(loggers)
    {
        _scopes = scopes;
        AuthenticationStateChanged += state => _state = state;
        _ended = ended.Listen(OnEnded);
    }

    protected override TimeSpan RevalidationInterval => AccountsRegistration.StampCheck;

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<SignInManager<AppUser>>().ValidateSecurityStampAsync(authenticationState.User) is not null;
    }

    private void OnEnded(SessionEnd end)
    {
        if (_state is { IsCompletedSuccessfully: true, Result.User: var user } && user.UserId == end.UserId && IsMeant(user, end.SessionId))
            SetAuthenticationState(Task.FromResult(SignedOut));
    }

    private static bool IsMeant(ClaimsPrincipal user, string? sessionId) =>
        sessionId is null || user.FindFirstValue(Sessions.IdClaim) == sessionId;

    protected override void Dispose(bool disposing)
    {
        _ended.Dispose();
        base.Dispose(disposing);
    }
}
