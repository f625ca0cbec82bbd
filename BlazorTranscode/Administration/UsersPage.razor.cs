using System.Security.Claims;
using BlazorTranscode.Accounts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using MudBlazor;

namespace BlazorTranscode.Administration;

/// <summary>Accounts: who has one, and the way back for those who lost theirs.</summary>
public sealed partial class UsersPage
{
    private MudTable<UserRow> _table = default!;
    private ClaimsPrincipal _me = new();
    private string _text = "";
    private string _email = "";
    private bool _adding;
    private string? _problem;
    private (string Email, Uri Url)? _link;

    [Inject]
    private UserAdministration Administration { get; set; } = default!;

    [Inject]
    private IOptions<AccountsOptions> Settings { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    protected override async Task OnInitializedAsync() => _me = (await Authentication).User;

    private static string State(UserRow user) => user switch
    {
        { Disabled: true } => "Disabled",
        { LockedUntil: not null } => "Locked for a few minutes",
        { IsAdministrator: true } => "Administrator",
        _ => "",
    };

    private async Task<TableData<UserRow>> LoadAsync(TableState state, CancellationToken cancellationToken)
    {
        var page = await Administration.ListAsync(_text, state.Page * state.PageSize, state.PageSize, cancellationToken);
        return new() { Items = page.Rows, TotalItems = page.Total };
    }

    private Task SearchAsync(string text)
    {
        _text = text;
        return _table.ReloadServerData();
    }

    private async Task AddAsync()
    {
        var email = _email.Trim();
        // The second click of a double one has nothing to say.
        if (_adding || (email.Length == 0 && _link is not null))
            return;
        _adding = true;
        (var id, _problem) = await Administration.AddAsync(_me, email);
        _adding = false;
        if (id is null)
            return;
        _email = "";
        await MakeLinkAsync(id, email);
        await _table.ReloadServerData();
    }

    private async Task MakeLinkAsync(string userId, string email)
    {
        var link = await Administration.MakeResetLinkAsync(_me, userId, Settings.Value.PublicOrigin ?? Navigation.BaseUri);
        _link = link is null ? null : (email, link);
        Tell(link is not null);
    }

    private async Task DisableAsync(UserRow user)
    {
        Tell(await Administration.DisableAsync(_me, user.Id));
        await _table.ReloadServerData();
    }

    private async Task ReopenAsync(UserRow user)
    {
        Tell(await Administration.ReopenAsync(_me, user.Id));
        await _table.ReloadServerData();
    }

    private void Tell(bool done) => _problem = done ? null : "That was not possible: the account is gone, or you may not do this any more. Load the page again.";
}
