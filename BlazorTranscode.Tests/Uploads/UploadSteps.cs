using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>What a person does and sees on the upload page.</summary>
internal static class UploadSteps
{
    public static string Make(TempFolder folder, string name, int length)
    {
        var path = folder.File(name);
        File.WriteAllBytes(path, TusClient.Bytes(length));
        return path;
    }

    public static async Task ChooseAsync(IPage page, params string[] paths)
    {
        var input = page.Locator("input[type=file]");
        await Assertions.Expect(input).ToBeEnabledAsync();
        await input.SetInputFilesAsync(paths);
    }

    public static ILocator Box(IPage page, string label) => page.GetByRole(AriaRole.Checkbox, new() { Name = label });

    public static ILocator Tray(IPage page) => page.GetByRole(AriaRole.Region, new() { Name = "Uploads" });

    public static ILocator Row(IPage page, string name) => Tray(page).GetByRole(AriaRole.Listitem).Filter(new() { HasText = name });
}
