package dev.sluice.media.hls.live;

import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.SegmentList;
import dev.sluice.media.live.StreamNotes;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands the segments of one stream to the archive as they end, and tells the stream's next marks
 * what cannot be had any more: so all servers hear of it, and list it as a gap or not at all.
 *
 * <p>A segment that is not kept is told as a gap when it is older than the window without DVR, and
 * so before memory lets go of it.
 *
 * <p>Threading: confined to the stream's loop.
 */
final class ArchiveFeed {
  private final HlsArchive archive;
  private final StreamKey key;
  private final long windowMs;
  private final long liveMs;
  private final Consumer<Consumer<StreamNotes>> tell;
  private HlsArchive.@Nullable Run run;
  private long incarnation;
  private long looked;
  private long toldFirst;

  /**
   * Has handed over nothing.
   *
   * @param liveMs segments that are younger are kept in memory
   * @param tell hands over what the stream's next mark says
   */
  ArchiveFeed(
      HlsArchive archive, StreamKey key, long liveMs, Consumer<Consumer<StreamNotes>> tell) {
    this.archive = archive;
    this.key = key;
    this.windowMs = archive.windowMs(key);
    this.liveMs = liveMs;
    this.tell = tell;
  }

  /** The stream begins: its marks say how far back its list goes. */
  void begins() {
    tell.accept(notes -> notes.window(windowMs));
  }

  /**
   * A mark came, and what ended with it is known.
   *
   * @param playlist what is listed now; null while nothing is
   */
  void mark(
      SegmentMark mark,
      SegmentList list,
      @Nullable KeptMedia media,
      @Nullable MediaPlaylist playlist,
      StreamPace.@Nullable Variant variant) {
    if (mark.incarnation() != incarnation) {
      end();
      incarnation = mark.incarnation();
      looked = 0;
      toldFirst = 0;
    }
    if (mark.part() != 0 || mark.endMs() == SegmentMark.NOTHING_ENDS || media == null) {
      return;
    }
    ListedSegment closed = list.whole(mark.msn() - 1);
    if (closed == null) {
      return;
    }
    if (looked == 0) {
      looked = closed.msn();
    }
    keep(closed, media, playlist, variant);
    look(closed, list, media);
  }

  private void keep(
      ListedSegment closed,
      KeptMedia media,
      @Nullable MediaPlaylist playlist,
      StreamPace.@Nullable Variant variant) {
    HlsArchive.Run to = run;
    if (to == null) {
      to = archive.begin(key, incarnation);
      run = to;
    }
    byte[] init = media.init(closed.config());
    ByteBuf bytes = media.take(new HlsPath.Segment(incarnation, closed.msn()));
    if (bytes == null) {
      return;
    }
    if (init == null || playlist == null || variant == null) {
      bytes.release();
      return;
    }
    HlsArchive.Facts facts =
        new HlsArchive.Facts(
            playlist.targetSeconds(),
            playlist.partTargetMs(),
            playlist.independent(),
            new HlsVariant(
                variant.bandwidth(),
                variant.average(),
                variant.codecs(),
                variant.width(),
                variant.height(),
                variant.frameRate()),
            playlist.ranges());
    to.keep(closed.withoutParts(), init, facts, bytes);
  }

  /** Tells what cannot be had any more. */
  private void look(ListedSegment newest, SegmentList list, KeptMedia media) {
    HlsArchive.Run from = run;
    if (from == null) {
      return;
    }
    long first = from.firstMsn();
    if (first > toldFirst) {
      toldFirst = first;
      tell.accept(notes -> notes.first(first));
    }
    while (looked < newest.msn()) {
      ListedSegment each = list.whole(looked);
      boolean leaves =
          each == null
              || each.endMs() < newest.endMs() - liveMs
              || looked < media.firstMsn()
              || !media.hasSegment(looked);
      if (!leaves) {
        break;
      }
      long msn = looked;
      if (each != null && !from.has(msn)) {
        tell.accept(notes -> notes.gap(msn));
      }
      looked++;
    }
  }

  /** The run is over. */
  void end() {
    HlsArchive.Run over = run;
    run = null;
    if (over != null) {
      over.end();
    }
  }
}
