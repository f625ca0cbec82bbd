using System.Security.Claims;

namespace BlazorTranscode.Data;

internal static class CurrentUser
{
    /// <summary>The role of the first account; may open the pages under Administration.</summary>
    public const string Administrator = "Administrator";

    extension(ClaimsPrincipal principal)
    {
        /// <summary>The id of the signed-in person, or null.</summary>
        public string? UserId => principal.FindFirstValue(ClaimTypes.NameIdentifier);
    }
}
