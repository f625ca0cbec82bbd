# The app and ffmpeg in one image; everything that must survive lies in the volume /data. How to run it: README.md
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# What decides about packages comes first, so that a change in the code restores nothing.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY BlazorTranscode/BlazorTranscode.csproj BlazorTranscode/
RUN dotnet restore BlazorTranscode

COPY .editorconfig appsettings.json ./
COPY BlazorTranscode/ BlazorTranscode/
RUN dotnet publish BlazorTranscode -c Release -o /app --no-restore

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap ca-certificates curl ffmpeg \
    && rm -rf /var/lib/apt/lists/*
# A new volume takes over the owner of the folder that it is mounted on.
RUN mkdir -m 700 /data && chown "$APP_UID" /data

WORKDIR /app
COPY --from=build /app .

# Whoever finds a new server first must not own it: the first account needs the token from the log, and later ones are made by nobody.
ENV ASPNETCORE_URLS=http://+:8080 \
    Data__Folder=/data \
    Accounts__Registration=FirstUserOnly \
    Accounts__RequireSetupToken=true
VOLUME /data
EXPOSE 8080
USER $APP_UID
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["curl", "-fsS", "-o", "/dev/null", "http://localhost:8080/health/live"]
ENTRYPOINT ["dotnet", "BlazorTranscode.dll"]
