package dev.sluice.origin.dvr;

import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.live.HlsArchive;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * One run of a stream on disk.
 *
 * <p>Threading: filled and emptied by the writer; looked at on any thread. The maps are concurrent
 * for that, and the fields volatile.
 */
final class DvrRun implements HlsArchive.Run {
  private final DvrWriter writer;
  private final StreamKey key;
  private final long incarnation;
  private final ConcurrentSkipListMap<Long, DvrSegment> segments = new ConcurrentSkipListMap<>();
  private final Set<Long> inits = ConcurrentHashMap.newKeySet();
  private volatile HlsArchive.@Nullable Facts facts;
  private volatile long firstMsn;
  private volatile boolean over;
  private volatile long overMs;
  private volatile @Nullable MediaPlaylist playlist;

  /** Has nothing on disk. */
  DvrRun(DvrWriter writer, StreamKey key, long incarnation) {
    this.writer = writer;
    this.key = key;
    this.incarnation = incarnation;
  }

  StreamKey key() {
    return key;
  }

  long incarnation() {
    return incarnation;
  }

  /** Its directory with a slash behind. */
  String directory() {
    return DvrNames.run(key, incarnation) + "/";
  }

  // ---- the stream's loop

  @Override
  public void keep(ListedSegment segment, byte[] init, HlsArchive.Facts now, ByteBuf bytes) {
    writer.keep(this, segment, init, now, bytes);
  }

  @Override
  public boolean has(long msn) {
    return segments.containsKey(msn);
  }

  @Override
  public long firstMsn() {
    return firstMsn;
  }

  @Override
  public void end() {
    writer.end(this);
  }

  // ---- any thread

  @Nullable DvrSegment saved(long msn) {
    return segments.get(msn);
  }

  boolean hasInit(long config) {
    return inits.contains(config);
  }

  boolean isOver() {
    return over;
  }

  /** When it ended, in milliseconds since the Unix epoch. */
  long overMs() {
    return overMs;
  }

  HlsArchive.@Nullable Facts facts() {
    return facts;
  }

  /** Of all that is kept and not going. */
  Map<Long, DvrSegment> kept() {
    return segments.tailMap(firstMsn);
  }

  boolean isEmpty() {
    return segments.isEmpty();
  }

  /** All that is kept of it, when it is over; null when that is nothing. */
  @Nullable MediaPlaylist playlist() {
    MediaPlaylist made = playlist;
    if (made == null && over) {
      made = list();
      playlist = made;
    }
    return made;
  }

  private @Nullable MediaPlaylist list() {
    HlsArchive.Facts of = facts;
    List<ListedSegment> all = new ArrayList<>();
    for (DvrSegment each : kept().values()) {
      if (!all.isEmpty()) {
        DvrGaps.fill(all, each.segment(), of == null ? 0 : of.targetSeconds());
      }
      all.add(each.segment());
    }
    if (of == null || all.isEmpty()) {
      return null;
    }
    return new MediaPlaylist(
        incarnation,
        of.targetSeconds(),
        of.partTargetMs(),
        of.independent(),
        all,
        true,
        all.getLast().msn() + 1,
        0,
        of.ranges());
  }

  // ---- the writer

  void facts(HlsArchive.Facts now) {
    facts = now;
  }

  void addInit(long config) {
    inits.add(config);
  }

  void add(DvrSegment saved) {
    segments.put(saved.segment().msn(), saved);
    playlist = null;
  }

  /** Nothing more comes. */
  void over(long wallMs) {
    overMs = wallMs;
    over = true;
  }

  /** The oldest that is not going; null when there is none. */
  @Nullable DvrSegment oldest() {
    Map.Entry<Long, DvrSegment> first = segments.ceilingEntry(firstMsn);
    return first == null ? null : first.getValue();
  }

  /** The newest; null when there is none. */
  @Nullable DvrSegment newest() {
    Map.Entry<Long, DvrSegment> last = segments.lastEntry();
    return last == null ? null : last.getValue();
  }

  /** One goes, and all before it are gone: it is not listed any more, but can still be had. */
  void goes(DvrSegment saved) {
    firstMsn = saved.segment().msn() + 1;
    playlist = null;
  }

  /** One is gone. */
  void gone(DvrSegment saved) {
    segments.remove(saved.segment().msn());
  }

  /** Those that are going too. */
  Collection<DvrSegment> all() {
    return segments.values();
  }

  Set<Long> inits() {
    return inits;
  }
}
