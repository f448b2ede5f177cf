package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.hls.FragmentChecks;
import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.HlsNames;
import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistChecks;
import dev.sluice.media.hls.PlaylistException;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An origin and edges that lose tags, are cut off, come late, and have clocks of their own; its
 * publisher comes back, and it starts anew. Whatever happens: the same address is the same bytes,
 * and who has heard all lists the same.
 */
@ExtendWith(LeakCheck.class)
class SameEverywhereTest {
  private static final StreamKey KEY = new StreamKey("live", "demo");
  private static final int RUNS = 50;
  private static final int STEPS = 350;
  private static final long STEP_MS = 200;

  /** What is missing is still listed by the origin then. */
  private static final long LONGEST_CUT_NANOS = 20_000_000_000L;

  private long nanos = 1;
  private int shorter;

  static List<Long> seeds() {
    List<Long> all = new ArrayList<>();
    for (long seed = 1; seed <= RUNS; seed++) {
      all.add(seed);
    }
    return all;
  }

  /** One server: an origin where there is no upstream. */
  private final class Server implements AutoCloseable {
    final Meters meters = new Meters();
    final LiveHub hub = new LiveHub(LiveConfig.defaults(), meters);
    final HlsStream stream;
    final long offsetMs;
    final PlaylistChecks checks = new PlaylistChecks();
    StreamFollower follower;
    boolean cut;
    long cutNanos;
    boolean joining = true;

    Server(@Nullable HlsUpstream upstream, long offsetMs) {
      HlsContext context =
          new HlsContext(HlsConfig.defaults(), Fmp4Muxer.INSTANCE, upstream, meters, () -> nanos);
      this.stream = new HlsStream(KEY, context);
      this.stream.want(hub.want(KEY, why -> {}));
      this.follower = stream.follow();
      this.offsetMs = offsetMs;
    }

    void feed(FlvTag tag) {
      FlvTag own = tag.sequenceHeader() ? tag.retain() : tag.at(tag.timestampMs() + offsetMs);
      follower.tag(own);
      own.release();
    }

    @Nullable String text() {
      HlsState state = stream.state();
      return state == null
          ? null
          : new String(
              state.texts().body(HlsContainer.MP4, false, false), StandardCharsets.US_ASCII);
    }

    byte @Nullable [] bytes(String name) {
      String[] parts = name.split("/", 2);
      HlsPath path = HlsPath.parse(parts[0], parts[1]);
      ByteBuf found = path == null ? null : stream.take(path);
      if (found == null) {
        return null;
      }
      byte[] copy = ByteBufUtil.getBytes(found);
      found.release();
      return copy;
    }

    void restart() {
      follower.closed(EndReason.UPSTREAM_LOST);
      follower = stream.follow();
    }

    @Override
    public void close() {
      follower.closed(EndReason.SHUTDOWN);
      stream.release(EndReason.NOT_FOUND);
      hub.close();
      meters.close();
    }
  }

  /** What edges are told when they ask: what the origin lists, if it is heard. */
  private static HlsUpstream asking(Server origin, Random random) {
    return new HlsUpstream() {
      @Override
      public void media(HttpExchange exchange, String path) {
        throw new AssertionError(path);
      }

      @Override
      public void playlist(
          StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told) {
        String text = random.nextInt(10) == 0 ? null : origin.text();
        try {
          MediaPlaylist list = text == null ? null : PlaylistReader.read(text);
          told.accept(list != null && list.incarnation() == incarnation ? list : null);
        } catch (PlaylistException e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  private static List<String> names(MediaPlaylist list) {
    List<String> names = new ArrayList<>();
    for (ListedSegment segment : list.segments()) {
      names.add(HlsNames.init(list.incarnation(), segment.config()));
      for (int i = 0; i < segment.parts().size(); i++) {
        names.add(HlsNames.part(list.incarnation(), segment.msn(), i));
      }
      if (segment.whole()) {
        names.add(HlsNames.segment(list.incarnation(), segment.msn()));
      }
    }
    return names;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theSameAddressIsTheSameBytesWhateverHappens(long seed) {
    Random random = new Random(seed);
    Encoder encoder = new Encoder(1000 + seed);
    FragmentChecks bodies = new FragmentChecks();
    int equal = 0;
    List<Server> edges = new ArrayList<>();
    try (Server origin = new Server(null, 0)) {
      int restartAt = 100 + random.nextInt(STEPS);
      for (int step = 0; step < STEPS; step++) {
        nanos += STEP_MS * 1_000_000;
        if (edges.size() < 3 && random.nextInt(40) == 0) {
          edges.add(new Server(asking(origin, random), random.nextInt(1 << 30)));
        }
        List<FlvTag> tags = encoder.next(STEP_MS);
        if (step == restartAt) {
          tags.forEach(FlvTag::release);
          encoder = new Encoder(5000 + seed, Encoder.FIRST_MSN + 5000);
          bodies = new FragmentChecks();
          tags = encoder.next(STEP_MS);
        } else if (random.nextInt(120) == 0) {
          tags = new ArrayList<>(tags);
          tags.addAll(encoder.stop());
        }
        for (FlvTag tag : tags) {
          origin.feed(tag);
          for (Server edge : edges) {
            relay(edge, tag, random, encoder);
          }
          tag.release();
        }
        equal += compare(origin, edges, step % 20 == 0 ? bodies : null);
      }
      assertThat(origin.checks.faults()).isEmpty();
      assertThat(bodies.faults()).isEmpty();
      for (Server edge : edges) {
        assertThat(edge.checks.faults()).isEmpty();
      }
      if (!edges.isEmpty()) {
        assertThat(equal).isGreaterThan(3 * shorter);
      }
    } finally {
      edges.forEach(Server::close);
    }
  }

  /** A line that drops frames, is cut and made again, at a keyframe and with the mark before it. */
  private void relay(Server edge, FlvTag tag, Random random, Encoder encoder) {
    boolean longEnough = edge.cut && nanos - edge.cutNanos > LONGEST_CUT_NANOS;
    if (longEnough || random.nextInt(6000) == 0) {
      edge.cut ^= true;
      edge.cutNanos = nanos;
      if (!edge.cut && random.nextInt(3) == 0) {
        edge.restart();
      }
      edge.joining = true;
    }
    if (edge.cut) {
      return;
    }
    if (edge.joining) {
      boolean segment = tag.mark() && markBegins(tag);
      if (!segment) {
        return;
      }
      edge.joining = false;
      edge.feed(encoder.video);
      edge.feed(encoder.audio);
    }
    boolean dropped = !tag.mark() && !tag.sequenceHeader() && random.nextInt(400) == 0;
    if (!dropped) {
      edge.feed(tag);
    }
  }

  private static boolean markBegins(FlvTag tag) {
    SegmentMark mark = SegmentMark.decode(tag.payload());
    return mark != null && mark.beginsSegment();
  }

  /** Counts lists that are equal: that of an edge is, once it is as new as the origin's. */
  private int compare(Server origin, List<Server> edges, @Nullable FragmentChecks bodies) {
    String truth = origin.text();
    if (truth == null) {
      return 0;
    }
    MediaPlaylist list = origin.checks.playlist(truth);
    assertThat(list).as(() -> origin.checks.faults().toString()).isNotNull();
    if (bodies != null) {
      for (String name : names(list)) {
        byte[] bytes = origin.bytes(name);
        assertThat(bytes).as(name + " at the origin").isNotNull();
        bodies.body(name, "origin", bytes);
      }
      bodies.look(list);
    }
    int equal = 0;
    for (Server edge : edges) {
      String text = edge.text();
      if (text == null) {
        continue;
      }
      MediaPlaylist own = edge.checks.playlist(text);
      if (own == null || own.incarnation() != list.incarnation()) {
        continue;
      }
      for (String name : bodies == null ? List.<String>of() : names(own)) {
        byte[] bytes = edge.bytes(name);
        if (bodies != null && bytes != null) {
          bodies.body(name, "edge", bytes);
        }
      }
      boolean asNew = own.nextMsn() == list.nextMsn() && own.nextPart() == list.nextPart();
      // One that gave up on its hole, as the origin had no list yet, lists less for a window.
      if (asNew && own.firstMsn() == list.firstMsn()) {
        assertThat(text).isEqualTo(truth);
        equal++;
      } else if (asNew) {
        shorter++;
      }
    }
    return equal;
  }
}
