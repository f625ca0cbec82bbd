using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Audio;

internal static class AudioSets
{
    extension(AppDbContext db)
    {
        public DbSet<AudioFile> AudioFiles => db.Set<AudioFile>();
        public DbSet<Rendition> Renditions => db.Set<Rendition>();
    }
}
