namespace BlazorTranscode.Administration;

internal static class AdministrationRegistration
{
    /// <summary>What only administrators may do.</summary>
    public static void AddAdministration(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UserAdministration>();
        builder.Services.AddSingleton<DeliveryLog>();
        builder.Services.AddSingleton<StoreAdministration>();
    }
}
