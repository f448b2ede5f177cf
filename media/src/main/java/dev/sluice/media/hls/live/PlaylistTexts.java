package dev.sluice.media.hls.live;

import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
  private final Text whole = new Text();
  private final Text update = new Text();
  private final Text ts = new Text();

  private static final class Text {
    private volatile byte @Nullable [] plain;
    private volatile byte @Nullable [] gzip;
  }

  PlaylistTexts(MediaPlaylist playlist) {
    this.playlist = playlist;
  }

  /** A body; not to be changed. */
  byte[] body(HlsContainer container, boolean skip, boolean gzip) {
    boolean inTs = container == HlsContainer.TS;
    Text text = inTs ? ts : skip && playlist.skippable() > 0 ? update : whole;
    byte[] plain = text.plain;
    if (plain == null) {
      String said = inTs ? PlaylistWriter.ts(playlist) : PlaylistWriter.text(playlist, skip);
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
