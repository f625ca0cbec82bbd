using System.ComponentModel.DataAnnotations;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;

namespace BlazorTranscode.Accounts;

public sealed partial class ManagePage
{
    private AppUser? _user;
    private IReadOnlyList<UserPasskeyInfo> _passkeys = [];
    private IdentityResult? _result;

    [Inject]
    private UserManager<AppUser> Users { get; set; } = default!;

    [Inject]
    private Passkeys Keys { get; set; } = default!;

    [Inject]
    private PasswordTries Tries { get; set; } = default!;

    [Inject]
    private Sessions Sessions { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private InputModel? Input { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        _user = await Users.GetUserAsync(HttpContext.User);
        _passkeys = _user is null ? [] : await Keys.ListAsync(_user);
    }

    private async Task ChangeAsync()
    {
        if (_user is null)
            return;
        _result = await SetAsync(_user);
        if (!_result.Succeeded)
            return;
        await Sessions.EndOthersAsync(_user, HttpContext.User);
        Navigation.NavigateTo("account/manage?notice=password-changed");
    }

    private async Task<IdentityResult> SetAsync(AppUser user)
    {
        try
        {
            if (!await Tries.VerifyAgainAsync(user, Input!.Current, HttpContext.RequestAborted))
                return IdentityResult.Failed(new IdentityError { Description = "The current password is not right. After ten wrong ones this session waits for five minutes." });
        }
        catch (PasswordRoomFullException)
        {
            return IdentityResult.Failed(AccountErrors.Busy);
        }

        var result = await Tries.SetAsync(user, Input.Password, isKnown: true, HttpContext.RequestAborted);
        return result.Succeeded ? await Users.UpdateAsync(user) : result;
    }

    private sealed class InputModel : NewPassword
    {
        [Required(ErrorMessage = "Type your current password.")]
        public string Current { get; set; } = "";
    }
}
