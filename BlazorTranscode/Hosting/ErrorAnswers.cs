using BlazorTranscode.Data;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace BlazorTranscode.Hosting;

/// <summary>
/// What a failed request gets: a person in a browser a page, a program a problem document without details. Giving the page to everybody, as
/// the framework's template does, would turn a webhook's 403 into a 400.
/// </summary>
internal static class ErrorAnswers
{
    public static void UseErrorAnswers(this WebApplication app)
    {
        app.UseExceptionHandler(Options("/error"));
        app.UseWhen(context => !WantsPage(context.Request), programs => programs.UseExceptionHandler(Options(page: null)));
    }

    public static void UseNotFoundPage(this WebApplication app)
    {
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            if (!HttpMethods.IsGet(context.Request.Method) || !WantsPage(context.Request))
                context.Features.GetRequiredFeature<IStatusCodePagesFeature>().Enabled = false;
            return next(context);
        });
    }

    /// <summary>A database that is busy is no fault of the program: whoever asks again later gets an answer. The gate has logged it.</summary>
    private static ExceptionHandlerOptions Options(string? page) => new()
    {
        ExceptionHandlingPath = page, CreateScopeForErrors = page is not null,
        StatusCodeSelector = failure => DatabaseBusyException.IsCauseOf(failure) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
        SuppressDiagnosticsCallback = failed =>
            failed.ExceptionHandledBy is ExceptionHandledType.ExceptionHandlerService || DatabaseBusyException.IsCauseOf(failed.Exception),
    };

    internal static bool WantsPage(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase) && !Health.IsHealth(request);
}
