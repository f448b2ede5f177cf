package dev.sluice.origin.transcode;

import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.rendition.RenditionNames;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.metrics.OriginMeters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Has renditions made of the streams that the configuration chooses, as long as they last. Never of
 * a rendition, so it cannot go round in a circle.
 *
 * <p>Threading: {@link #opened} on any event loop; {@link #close} blocks.
 */
public final class Transcoder implements StreamListener, Service {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private final TranscodeConfig config;
  private final RenditionNames names;
  private final LiveHub hub;
  private final EventLoops loops;
  private final Meters meters;
  private final List<StreamPattern> patterns;
  private final Semaphore slots;

  /** Shared by event loops, which add, and transcodes, which leave on their own threads. */
  private final Map<Transcode, Thread> running = new ConcurrentHashMap<>();

  private volatile boolean closed;

  /**
   * Nothing is made yet.
   *
   * @throws IllegalArgumentException when a rendition has an ending that is none of {@code names}
   */
  public Transcoder(
      TranscodeConfig config, RenditionNames names, LiveHub hub, EventLoops loops, Meters meters) {
    for (String ending : config.ladder().keySet()) {
      if (!names.endings().contains(ending)) {
        throw new IllegalArgumentException(
            "transcode.ladder: "
                + ending
                + " (expected: one of renditions: "
                + names.endings()
                + ")");
      }
    }
    this.config = config;
    this.names = names;
    this.hub = hub;
    this.loops = loops;
    this.meters = meters;
    this.patterns = config.streams().stream().map(StreamPattern::of).toList();
    this.slots = new Semaphore(config.maxProcesses());
    meters.gauge(OriginMeters.TRANSCODES, () -> config.maxProcesses() - slots.availablePermits());
    meters.counter(OriginMeters.TRANSCODE_EXITS);
  }

  /** What is made now, for {@code /api/node}. Any thread. */
  public List<?> states() {
    return running.keySet().stream()
        .map(Transcode::state)
        .sorted(Comparator.comparing(Transcode.State::rendition))
        .toList();
  }

  @Override
  public void start() {}

  @Override
  public @Nullable Sink opened(StreamKey key, PublisherInfo publisher) {
    boolean source =
        config.any()
            && !closed
            && publisher.kind() == PublisherInfo.Kind.ENCODER
            && names.groupOf(key).equals(key)
            && patterns.stream().anyMatch(pattern -> pattern.fits(key.toString()));
    if (!source) {
      return null;
    }
    List<Transcode> all = new ArrayList<>();
    config
        .ladder()
        .forEach(
            (ending, rung) -> {
              StreamKey rendition = StreamKey.of(key.app(), key.name() + ending);
              if (rendition != null) {
                all.add(begin(key, rendition, rung));
              }
            });
    return new Sink() {
      @Override
      public void tag(FlvTag tag) {
        for (Transcode each : all) {
          each.tag(tag);
        }
      }

      @Override
      public void closed(EndReason reason) {
        all.forEach(Transcode::end);
      }
    };
  }

  private Transcode begin(StreamKey source, StreamKey rendition, RungConfig rung) {
    hub.renditions().made(rendition, source);
    Transcode made =
        new Transcode(
            source,
            rendition,
            FfmpegCommand.of(config, rung),
            hub,
            loops.next(),
            slots,
            () -> meters.counter(OriginMeters.TRANSCODE_EXITS).increment());
    Thread thread =
        Thread.ofVirtual()
            .name("transcode-" + rendition)
            .unstarted(
                () -> {
                  try {
                    made.run();
                  } finally {
                    running.remove(made);
                    hub.renditions().madeNoMore(rendition, source);
                  }
                });
    running.put(made, thread);
    thread.start();
    return made;
  }

  /** Ends all processes, and waits until they have. */
  @Override
  public void close() {
    closed = true;
    Map<Transcode, Thread> left = Map.copyOf(running);
    left.keySet().forEach(Transcode::end);
    long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    try {
      for (Thread each : left.values()) {
        each.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
