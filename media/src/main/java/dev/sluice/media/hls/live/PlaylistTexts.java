package dev.sluice.media.hls.live;

import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistWriter;
import dev.sluice.media.hls.RenditionReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of one state's playlist, each made when it is first asked for, for all who ask.
 *
 * <p>Threading: any thread; two that ask first at once may both make one, and make the same.
 */
@SuppressWarnings("ArrayRecordComponent")
final class PlaylistTexts {
  private final MediaPlaylist playlist;
  private final Supplier<List<RenditionReport>> siblings;
  private final AtomicReference<@Nullable List<RenditionReport>> reports = new AtomicReference<>();
  private final Text whole = new Text();
  private final Text update = new Text();
  private final Text ts = new Text();

  private static final class Text {
    private volatile byte @Nullable [] plain;
    private volatile byte @Nullable [] gzip;
  }

  /**
   * None is made.
   *
   * @param siblings what other renditions list at the moment; asked once, for all forms alike
   */
  PlaylistTexts(MediaPlaylist playlist, Supplier<List<RenditionReport>> siblings) {
    this.playlist = playlist;
    this.siblings = siblings;
  }

  private List<RenditionReport> reports() {
    List<RenditionReport> known = reports.get();
    if (known == null) {
      List<RenditionReport> now = siblings.get();
      known = reports.compareAndSet(null, now) ? now : reports.get();
    }
    return known == null ? List.of() : known;
  }

  /** A body; not to be changed. */
  byte[] body(HlsContainer container, boolean skip, boolean gzip) {
    boolean inTs = container == HlsContainer.TS;
    Text text = inTs ? ts : skip && playlist.skippable() > 0 ? update : whole;
    byte[] plain = text.plain;
    if (plain == null) {
      String said =
          inTs ? PlaylistWriter.ts(playlist) : PlaylistWriter.text(playlist, skip, reports());
      plain = said.getBytes(StandardCharsets.UTF_8);
      text.plain = plain;
    }
    if (!gzip) {
      return plain;
    }
    byte[] packed = text.gzip;
    if (packed == null) {
      packed = pack(plain);
      text.gzip = packed;
    }
    return packed;
  }

  static byte[] pack(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2 + 64);
    try (GZIPOutputStream to =
        new GZIPOutputStream(out) {
          {
            def.setLevel(Deflater.BEST_SPEED);
          }
        }) {
      to.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // to memory
    }
    return out.toByteArray();
  }
}
