package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistException;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.Publication;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Origins and edges in one thread and in time of its own: their hubs and their HLS are the real
 * ones, the lines between them are a {@link VirtualLine}.
 */
final class VirtualFleet implements AutoCloseable {
  static final StreamKey KEY = new StreamKey("live", "demo");
  static final long WALL_ZERO = 1_796_000_000_000L;
  private static final Duration HOLD = Duration.ofSeconds(8);
  private static final LiveConfig CONFIG =
      new LiveConfigBuilder().tracksWait(Duration.ZERO).publishHold(HOLD).build();

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final EventLoops loops = EventLoops.create(1);
  private final ArrayDeque<Runnable> wire = new ArrayDeque<>();
  final List<Origin> origins = new ArrayList<>();
  long nanos = 1;

  /** An empty fleet at the beginning of its time. */
  VirtualFleet() {
    channel.freezeTime();
  }

  EventLoop loop() {
    return channel.eventLoop();
  }

  long wallMs() {
    return WALL_ZERO + nanos / 1_000_000;
  }

  /** Lets time pass, and what is due happen. */
  void pass(long ms) {
    nanos += ms * 1_000_000;
    channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
    settle();
  }

  /** What was left to the loop is done, and what is on a line arrives. */
  void settle() {
    channel.runPendingTasks();
    for (Runnable arrives = wire.poll(); arrives != null; arrives = wire.poll()) {
      arrives.run();
      channel.runPendingTasks();
    }
  }

  /** What an address is at the first server of these that has it. */
  static byte @Nullable [] fetch(List<? extends Node> from, String name) {
    for (Node node : from) {
      byte[] body = node.body(name);
      if (body != null) {
        return body;
      }
    }
    return null;
  }

  /** One server. */
  class Node implements AutoCloseable {
    final String name;
    final Meters meters = new Meters();
    final LiveHub hub = new LiveHub(CONFIG, meters, () -> nanos, VirtualFleet.this::wallMs);
    final HlsStreams streams;

    Node(String name, @Nullable HlsUpstream upstream) {
      this.name = name;
      HlsContext context =
          new HlsContext(HlsConfig.defaults(), Fmp4Muxer.INSTANCE, upstream, meters, () -> nanos);
      this.streams = new HlsStreams(hub, loops, context);
      hub.listen(streams);
    }

    /** What a player is given now; null when it would have to wait, or there is nothing. */
    @Nullable String list() {
      HlsStream stream = streams.request(KEY);
      HlsState state = stream == null ? null : stream.state();
      return state == null
          ? null
          : new String(
              state.texts().body(HlsContainer.MP4, false, false), StandardCharsets.US_ASCII);
    }

    /** What this server has made under an address; null if it has not. */
    byte @Nullable [] body(String address) {
      String[] parts = address.split("/", 2);
      HlsStream stream = streams.request(KEY);
      ByteBuf found =
          stream == null
              ? null
              : stream.take(Objects.requireNonNull(HlsPath.parse(parts[0], parts[1])));
      if (found == null) {
        return null;
      }
      byte[] copy = ByteBufUtil.getBytes(found);
      found.release();
      return copy;
    }

    void sweep() {
      streams.sweep();
    }

    @Override
    public void close() {
      hub.close();
      settle();
      streams.close();
      meters.close();
    }
  }

  /** A server to which an encoder publishes, and what it sends to nodes. */
  final class Origin extends Node {
    final List<VirtualLine> lines = new ArrayList<>();
    private final List<FlvTag> gop = new ArrayList<>();
    private SequenceHeaders headers = SequenceHeaders.NONE;
    private SequenceHeaders headersBefore = SequenceHeaders.NONE;
    private @Nullable FlvTag mark;
    private @Nullable Publication publication;

    Origin(String name) {
      super(name, null);
      hub.listen((key, publisher) -> new Tap());
    }

    boolean published() {
      return publication != null;
    }

    /** Connects the encoder; one that is connected still is taken over from. */
    void publish() {
      Publication before = publication;
      try {
        publication =
            hub.publish(
                KEY, PublisherInfo.encoder("127.0.0.1", ""), "credential", why -> {}, loop());
      } catch (PublishRefused e) {
        Objects.requireNonNull(before).close(EndReason.CONNECTION_LOST);
        publication = null;
      }
      settle();
    }

    void unpublish(EndReason reason) {
      Publication now = publication;
      publication = null;
      if (now != null) {
        now.close(reason);
      }
      settle();
    }

    /** A tag of the encoder. Borrows it. */
    void feed(FlvTag tag) {
      Publication to = publication;
      if (to != null) {
        to.onTag(tag);
        settle();
      }
    }

    /** What a node gets that joins now: headers, then the GOP with the mark in force before it. */
    void join(Consumer<FlvTag> header, Consumer<FlvTag> media) {
      headersBefore.forEach(header);
      gop.forEach(media);
    }

    /** The mark of the part that is being sent; null before the first. */
    @Nullable FlvTag markInForce() {
      return mark;
    }

    /** The keyframe that a joiner gets first; null when there is none. */
    @Nullable FlvTag joinTag() {
      return gop.stream().filter(tag -> !SequenceHeaders.isHeader(tag)).findFirst().orElse(null);
    }

    private void forgetGop() {
      gop.forEach(FlvTag::release);
      gop.clear();
    }

    /** The line to nodes. */
    private final class Tap implements StreamListener.Sink {
      private boolean video;

      @Override
      public void tag(FlvTag tag) {
        if (tag.mark()) {
          FlvTag pinned = SequenceHeaders.pinned(tag);
          mark = pinned;
          if (!gop.isEmpty()) {
            gop.add(pinned.retain());
          }
        } else if (SequenceHeaders.isHeader(tag)) {
          headers = headers.after(tag);
          video |= tag.video();
          if (!gop.isEmpty()) {
            gop.add(tag.retain());
          }
        } else {
          FlvTag inForce = mark;
          if (tag.keyframe() || !video) {
            forgetGop();
            headersBefore = headers;
            if (inForce != null) {
              gop.add(inForce.retain());
            }
          }
          if (!gop.isEmpty() || tag.keyframe() || !video) {
            gop.add(tag.retain());
          }
        }
        for (VirtualLine line : List.copyOf(lines)) {
          tag.retain();
          wire.add(
              () -> {
                line.tag(tag);
                tag.release();
              });
        }
      }

      @Override
      public void closed(EndReason reason) {
        forgetGop();
        mark = null;
        headers = SequenceHeaders.NONE;
        for (VirtualLine line : List.copyOf(lines)) {
          wire.add(() -> line.ended(reason));
        }
      }
    }
  }

  /** A server that has its streams from origins. */
  final class Edge extends Node {
    final VirtualLine line;

    Edge(String name, VirtualAnswers answers) {
      super(name, answers);
      this.line = new VirtualLine(this, VirtualFleet.this);
    }
  }

  /**
   * What edges are told when they ask: what the first origin with that run lists, if it is heard.
   */
  static final class VirtualAnswers implements HlsUpstream {
    private final VirtualFleet fleet;
    private final Random random;

    VirtualAnswers(VirtualFleet fleet, Random random) {
      this.fleet = fleet;
      this.random = random;
    }

    @Override
    public void media(HttpExchange exchange, String path) {
      throw new AssertionError(path);
    }

    @Override
    public void playlist(StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told) {
      if (random.nextInt(10) == 0) {
        told.accept(null);
        return;
      }
      for (Origin origin : fleet.origins) {
        String text = origin.list();
        try {
          MediaPlaylist list = text == null ? null : PlaylistReader.read(text);
          if (list != null && list.incarnation() == incarnation) {
            told.accept(list);
            return;
          }
        } catch (PlaylistException e) {
          throw new AssertionError(e);
        }
      }
      told.accept(null);
    }
  }

  @Override
  public void close() {
    channel.close();
    loops.close();
  }
}
