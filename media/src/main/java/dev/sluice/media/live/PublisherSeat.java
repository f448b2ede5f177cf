package dev.sluice.media.live;

import dev.sluice.media.live.pacing.ReadRest;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The one place for a publisher that a stream has: empty, taken, or over for good.
 *
 * <p>One that shows the credential of a publisher that has fallen silent is that publisher,
 * reconnecting while its old connection is half dead, and takes over. One that comes while the
 * other is sending is a second encoder by mistake, and is refused: if it won, the two would throw
 * each other out for ever, as encoders reconnect by themselves.
 *
 * <p>Threading: any thread; publishers come on any loop.
 */
public final class PublisherSeat {
  /** A publisher that has sent no tag for this long has fallen silent. */
  public static final long SILENT_NANOS = 2 * ReadRest.MOST_NANOS;

  private sealed interface State {}

  private enum Nobody implements State {
    EMPTY,
    OVER
  }

  private record Taken(Publication by) implements State {}

  private final AtomicReference<State> state = new AtomicReference<>(Nobody.EMPTY);
  private volatile @Nullable PublisherInfo publisher;

  /** What came of an attempt to sit down. */
  enum Attempt {
    /** The seat was empty. */
    TAKEN,
    /** Another one had to get up: see {@link Publication#displaced}. */
    TAKEN_OVER,
    /** Another one sits here, or the seat is over. */
    REFUSED
  }

  /** Sits down if nobody does, or if who sits here is the same publisher, fallen silent. */
  Attempt take(Publication publication, long nowNanos) {
    State now = state.get();
    boolean free =
        switch (now) {
          case Nobody nobody -> nobody == Nobody.EMPTY;
          case Taken taken ->
              publication.sameCredential(taken.by())
                  && nowNanos - taken.by().lastTagNanos() >= SILENT_NANOS;
        };
    if (!free || !state.compareAndSet(now, new Taken(publication))) {
      return Attempt.REFUSED;
    }
    publisher = publication.publisher();
    if (now instanceof Taken taken) {
      taken.by().displaced(EndReason.REPLACED);
      return Attempt.TAKEN_OVER;
    }
    return Attempt.TAKEN;
  }

  /** Whether it is this one who sits here. */
  boolean heldBy(Publication publication) {
    return state.get() instanceof Taken taken && taken.by() == publication;
  }

  /** Gets up; false when another sits there. */
  boolean leave(Publication publication) {
    State now = state.get();
    return now instanceof Taken taken
        && taken.by() == publication
        && state.compareAndSet(now, Nobody.EMPTY);
  }

  /** Ends an empty seat; false when it was taken meanwhile, or is over. */
  boolean finish() {
    return state.compareAndSet(Nobody.EMPTY, Nobody.OVER);
  }

  /** Ends the seat whoever sits there; false when it is over already. */
  boolean close() {
    return state.getAndSet(Nobody.OVER) != Nobody.OVER;
  }

  /** Ends the seat and tells who sits there; false when it is over already. */
  boolean evict() {
    State was = state.getAndSet(Nobody.OVER);
    if (was instanceof Taken taken) {
      taken.by().displaced(EndReason.KICKED);
    }
    return was != Nobody.OVER;
  }

  /** Whether nobody can sit here again. */
  boolean over() {
    return state.get() == Nobody.OVER;
  }

  /** Tells more, or better, of who sits here; ignored from others. */
  void describe(Publication publication, PublisherInfo as) {
    if (heldBy(publication)) {
      publisher = as;
    }
  }

  /** Who sits here, or null. */
  @Nullable PublisherInfo holder() {
    return state.get() instanceof Taken ? publisher : null;
  }

  /** The kind of the last publisher. */
  PublisherInfo.Kind kind() {
    PublisherInfo last = publisher;
    return last == null ? PublisherInfo.Kind.ENCODER : last.kind();
  }
}
