using System.Security.Claims;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

/// <summary>
/// Breaks off what a person still sends or fetches when their session ends. Only requests that may take long are watched, the bytes of
/// uploads and of files: at once for ends in this process, and every minute for those that only the database tells.
/// </summary>
internal sealed class SessionRequests(RequestDelegate next, EndedSessions ended, IServiceScopeFactory scopes, TimeProvider time)
{
    private static readonly PathString[] Long = ["/uploads", "/files"];

    public Task InvokeAsync(HttpContext context) =>
        context.User.UserId is { } userId && Long.Any(path => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))
            ? WatchAsync(context, userId)
            : next(context);

    private async Task WatchAsync(HttpContext context, string userId)
    {
        using var request = new Request(context, userId);
        using var listening = ended.Listen(request.OnEnded);
        if (ended.Has(context.User))
            request.Abort(); // It ended while this request was being authenticated.
        using var over = new CancellationTokenSource();
        var asking = AskAsync(request, over.Token);
        try
        {
            await next(context);
        }
        finally
        {
            await over.CancelAsync();
            await asking;
        }
    }

    private async Task AskAsync(Request request, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(AccountsRegistration.StampCheck, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (!await HoldsAsync(request))
                    request.Abort();
            }
        }
        catch (OperationCanceledException)
        {
            // The request is over.
        }
    }

    private async Task<bool> HoldsAsync(Request request)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var signIn = scope.ServiceProvider.GetRequiredService<SignInManager<AppUser>>();
            // The session that changed a password has a new stamp in its cookie; its running requests came with the old one.
            return request.Stays
                ? await signIn.UserManager.FindByIdAsync(request.UserId) is { Disabled: false }
                : await signIn.ValidateSecurityStampAsync(request.User) is not null;
        }
        catch (Exception e) when (e is System.Data.Common.DbException or InvalidOperationException)
        {
            return true; // The database cannot be asked now; in a minute it is asked again.
        }
    }

    /// <summary>A running request. After its end the server uses its context for another one, so nothing may reach it then.</summary>
    private sealed class Request(HttpContext context, string userId) : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly string? _sessionId = context.User.FindFirstValue(Sessions.IdClaim);
        private bool _isOver;

        public string UserId => userId;

        public ClaimsPrincipal User { get; } = context.User;

        /// <summary>Whether other sessions of this person were ended and this one was not.</summary>
        public bool Stays { get; private set; }

        public void OnEnded(SessionEnd end)
        {
            if (end.UserId != userId)
                return;
            if (end.Stays is not null && end.Stays == _sessionId)
                Stays = true;
            else if (end.SessionId is null || end.SessionId == _sessionId)
                Abort();
        }

        public void Abort()
        {
            lock (_lock)
            {
                if (!_isOver)
                    context.Abort();
            }
        }

        public void Dispose()
        {
            lock (_lock)
                _isOver = true;
        }
    }
}
