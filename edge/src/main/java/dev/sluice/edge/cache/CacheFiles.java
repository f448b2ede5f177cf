package dev.sluice.edge.cache;

import dev.sluice.media.vod.VodSource;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/**
 * The files of a cache for players over RTMP, the same that are served below {@code /vod/}.
 *
 * <p>Threading: any loop; a file is confined to the loop it was opened on.
 */
record CacheFiles(RequestParts cache) implements VodSource {
  private static final ObjectTable.Wanted START = new ObjectTable.Wanted(0, 1);

  @Override
  public void open(String path, EventLoop loop, Consumer<Opened> answer) {
    cache
        .objects()
        .resolve(
            "/vod/" + path, loop, START, resolution -> answer.accept(opened(resolution, loop)));
  }

  private Opened opened(Resolution resolution, EventLoop loop) {
    return switch (resolution) {
      case Resolution.Found(CachedObject object, CacheAnswer.How how) -> {
        cache.count(how);
        yield new Found(new CachedFile(cache.files(), object, loop));
      }
      case Resolution.Refused(int status) -> {
        cache.count("negative");
        yield status == 404 || status == 410
            ? new Absent()
            : new Unavailable(CacheAnswer.refused(status, "").detail());
      }
      case Resolution.Uncacheable u ->
          new Unavailable("This file is not to be cached; fetch it over HTTP.");
      case Resolution.Failed(FillFailure why) -> {
        cache.count("error");
        yield new Unavailable(CacheAnswer.problem(why).detail());
      }
    };
  }
}
