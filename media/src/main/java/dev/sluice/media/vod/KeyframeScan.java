package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the keyframes of a file that has no index, from its first tag to its last, by a look at how
 * each tag begins. Reads all of a file but long bodies, so what it finds is worth keeping. Of a
 * file without video it takes a place each {@value #SOUND_MS} ms. A place that is no tag ends it.
 *
 * <p>Times are those of a {@link StoredClock}. A place is a break when the clock jumped since the
 * place before, or another sequence header came.
 *
 * <p>Pure; one caller.
 */
public final class KeyframeScan implements FileProbe {
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int MAX_HEADER_BYTES = WINDOW_BYTES / 2;
  private static final int MAX_PLACES = 1 << 20;
  private static final long SOUND_MS = 1000;

  private final FlvOpening file;
  private long position;
  private boolean done;
  private long[] positions = new long[64];
  private long[] timesMs = new long[64];
  private int[] configs = new int[64];
  private final BitSet breaks = new BitSet();
  private int places;
  private long lastMs = -1;
  private long tags;
  private final StoredClock clock = new StoredClock();
  private final FileBreaks found;
  private FileBreaks.Config config;
  private boolean broken;

  /** Of a file that was not looked at but for its opening. */
  public KeyframeScan(FlvOpening file) {
    this.file = file;
    this.found = new FileBreaks(file);
    this.config = found.configs().getFirst();
    this.position = file.firstTag();
    this.done = !file.playable() || position >= file.fileBytes();
  }

  @Override
  public boolean done() {
    return done;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int bytes() {
    return WINDOW_BYTES;
  }

  @Override
  public void look(ByteBuf part) {
    int start = part.readerIndex();
    long at = start;
    while (true) {
      long here = position + (at - start);
      long left = part.writerIndex() - at;
      TagHeader header = left < TagHeader.BYTES ? null : TagHeader.read(part, (int) at);
      boolean cut = header == null ? left < TagHeader.BYTES : left < seenBytes(header);
      if (cut && at > start && here < file.fileBytes()) {
        position = here;
        return;
      }
      boolean whole = header != null && here + header.stride() - 4L <= file.fileBytes();
      if (header == null || !whole) {
        done = true;
        return;
      }
      take(header, here, part, (int) at + TagHeader.BYTES);
      at += header.stride();
    }
  }

  private static int seenBytes(TagHeader header) {
    int seen = header.header() ? MAX_HEADER_BYTES : TagHeader.SEEN_BYTES - TagHeader.BYTES;
    return TagHeader.BYTES + Math.min(header.bodyBytes(), seen);
  }

  private void take(TagHeader header, long here, ByteBuf part, int body) {
    if (header.header() && header.type() != TagType.SCRIPT) {
      if (header.bodyBytes() <= Math.min(MAX_HEADER_BYTES, part.writerIndex() - body)) {
        takeConfig(header.type(), part.slice(body, header.bodyBytes()));
      }
      return;
    }
    if (!header.media()) {
      return;
    }
    boolean video = header.type() == TagType.VIDEO;
    long videoShift = clock.shift(true);
    long audioShift = clock.shift(false);
    long timeMs = clock.stamp(video, header.timeMs());
    if (videoShift != clock.shift(true) || audioShift != clock.shift(false)) {
      found.moved(here, clock);
      broken = true;
    }
    tags++;
    lastMs = Math.max(lastMs, timeMs);
    boolean starts =
        file.hasVideo()
            ? header.keyframe()
            : !video && (places == 0 || broken || timeMs - timesMs[places - 1] >= SOUND_MS);
    boolean later = places == 0 || timeMs >= timesMs[places - 1];
    if (!starts || !later || places == MAX_PLACES) {
      return;
    }
    if (places == positions.length) {
      positions = Arrays.copyOf(positions, places * 2);
      timesMs = Arrays.copyOf(timesMs, places * 2);
      configs = Arrays.copyOf(configs, places * 2);
    }
    positions[places] = here;
    timesMs[places] = timeMs;
    configs[places] = found.number(config);
    breaks.set(places, places > 0 && (broken || configs[places] != configs[places - 1]));
    broken = false;
    places++;
    done |= found.tooMany();
  }

  private void takeConfig(TagType type, ByteBuf body) {
    FlvTag tag = new FlvTag(type, 0, body);
    FlvTag known = tag.video() ? config.video() : config.audio();
    boolean other =
        known == null || (known.track() == tag.track() && !known.payload().equals(body));
    if (other && tag.track() == 0) {
      byte[] bytes = ByteBufUtil.getBytes(body);
      config = config.with(SequenceHeaders.pinned(type, 0, Unpooled.wrappedBuffer(bytes)));
    }
  }

  /** What was found; null when there is nothing. */
  @Nullable KeyframeIndex index() {
    return places == 0 || found.tooMany()
        ? null
        : new KeyframeIndex(Arrays.copyOf(positions, places), Arrays.copyOf(timesMs, places));
  }

  /** Time of the last tag; -1 when there is none. */
  long lastMs() {
    return lastMs;
  }

  /** Whether every time in the file is the same, so that nothing tells when what is shown. */
  boolean standsStill() {
    return tags > 1 && lastMs == timesMs[0];
  }

  /** Whether the clock has jumped, or the configuration changed, since the place before. */
  boolean breaks(int place) {
    return breaks.get(place);
  }

  /** The configuration from a place on, by its number in {@link #found}. */
  int config(int place) {
    return configs[place];
  }

  /** Configurations and jumps. */
  public FileBreaks found() {
    return found;
  }
}
