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
        // A found cookie must not be good for guessing the password, so these tries count like those at the sign-in.
        _result = await Tries.VerifyAsync(_user, Input!.Current, HttpContext.RequestAborted)
            ? await Users.ChangePasswordAsync(_user, Input.Current, Input.Password)
            : IdentityResult.Failed(new IdentityError { Description = "The current password is not right. After ten wrong ones the account waits for five minutes." });
        if (!_result.Succeeded)
            return;
        await Sessions.EndOthersAsync(_user, HttpContext.User);
        Navigation.NavigateTo("account/manage?notice=password-changed");
    }

    private sealed class InputModel : NewPassword
    {
        [Required(ErrorMessage = "Type your current password.")]
        public string Current { get; set; } = "";
    }
}
