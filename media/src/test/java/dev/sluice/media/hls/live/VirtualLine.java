package dev.sluice.media.hls.live;

import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.Publication;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The line from an origin to an edge. It may be slow: then disposable pictures are left out, then
 * pictures up to a keyframe, then everything up to one. It may be cut, and made again to the same
 * origin or a twin, with the GOP of then first and on the clock of before if its keyframe is known.
 */
final class VirtualLine {
  private static final int KNOWN_KEYFRAMES = 16;

  /** How slow it is. */
  enum Slow {
    NO,
    /** Disposable pictures are left out. */
    SOME,
    /** Pictures are, up to a keyframe. */
    PICTURES,
    /** Everything is, up to a keyframe. */
    ALL
  }

  private final VirtualFleet.Edge edge;
  private final VirtualFleet fleet;
  private final Map<Integer, Long> shown = new HashMap<>();
  private VirtualFleet.@Nullable Origin from;
  private @Nullable Publication publication;
  private Slow slow = Slow.NO;
  private long offsetMs;
  private Random losing = new Random(0);
  private int oneIn;

  VirtualLine(VirtualFleet.Edge edge, VirtualFleet fleet) {
    this.edge = edge;
    this.fleet = fleet;
  }

  /** Where it leads; null while it is cut. */
  VirtualFleet.@Nullable Origin from() {
    return from;
  }

  /** Loses single tags, as no line of ours should: one of so many; 0 = none. */
  void loses(Random random, int one) {
    losing = random;
    oneIn = one;
  }

  void slow(Slow how) {
    slow = how;
  }

  /** It is cut. */
  void cut() {
    VirtualFleet.Origin was = from;
    from = null;
    slow = Slow.NO;
    if (was != null) {
      was.lines.remove(this);
    }
  }

  /** It was cut for too long: the edge gives the stream up. */
  void giveUp() {
    cut();
    end(EndReason.UPSTREAM_LOST);
  }

  /** The origin says that the stream is over. */
  void ended(EndReason reason) {
    cut();
    if (reason.forViewers().endsStream()) {
      end(EndReason.STREAM_ENDED);
    }
  }

  private void end(EndReason reason) {
    Publication mine = publication;
    publication = null;
    shown.clear();
    if (mine != null) {
      mine.close(reason, Duration.ZERO);
    }
  }

  /** It is made, or made again. */
  void connect(VirtualFleet.Origin to) {
    FlvTag first = to.joinTag();
    if (first == null) {
      return; // nothing to join
    }
    Publication mine = publication;
    boolean again = mine != null;
    if (mine == null) {
      try {
        mine =
            edge.hub.publish(
                VirtualFleet.KEY, PublisherInfo.relay("rtmp://" + to.name, ""), fleet.loop());
      } catch (PublishRefused e) {
        throw new AssertionError(e);
      }
      publication = mine;
      offsetMs = 0;
    }
    from = to;
    to.lines.add(this);
    to.join(this::put, tag -> {});
    if (again) {
      Long known = first.keyframe() ? shown.get(Tags.number(first)) : null;
      offsetMs = known == null ? 0 : known - first.timestampMs();
      if (known == null) {
        shown.clear();
      }
      mine.reconnected(known != null);
    }
    to.join(header -> {}, this::put);
  }

  /** The origin has a tag. Borrows it. */
  void tag(FlvTag tag) {
    VirtualFleet.Origin at = from;
    if (at == null) {
      return;
    }
    boolean keyframe = tag.keyframe();
    if (keyframe && slow == Slow.ALL) {
      slow = Slow.NO;
      put(at.markInForce());
    } else if (keyframe && slow == Slow.PICTURES) {
      slow = Slow.NO;
    }
    boolean header = tag.sequenceHeader();
    boolean out =
        switch (slow) {
          case NO -> false;
          case SOME -> tag.disposable();
          case PICTURES -> tag.video() && !header;
          case ALL -> !header;
        };
    boolean lost = oneIn > 0 && !header && !tag.mark() && losing.nextInt(oneIn) == 0;
    if (!out && !lost) {
      put(tag);
    }
  }

  private void put(@Nullable FlvTag tag) {
    Publication to = publication;
    if (to == null || tag == null) {
      return;
    }
    long timeMs = tag.timestampMs() + offsetMs;
    if (tag.keyframe()) {
      if (shown.size() >= KNOWN_KEYFRAMES) {
        shown.values().remove(shown.values().stream().min(Long::compare).orElseThrow());
      }
      shown.put(Tags.number(tag), timeMs);
    }
    FlvTag own = tag.at(timeMs & 0xFFFFFFFFL);
    to.onTag(own);
    own.release();
  }
}
