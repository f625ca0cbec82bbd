using System.ComponentModel.DataAnnotations;

namespace BlazorTranscode.Accounts;

/// <summary>A password that a person chooses, typed twice. Its strength is Identity's business.</summary>
internal class NewPassword
{
    public const string Hint = "At least 12 characters. A few words are good.";

    [Required(ErrorMessage = "Choose a password.")]
    public string Password { get; set; } = "";

    [Compare(nameof(Password), ErrorMessage = "The two passwords differ. Type the same one twice.")]
    public string Repeat { get; set; } = "";
}
