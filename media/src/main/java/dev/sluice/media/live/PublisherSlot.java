package dev.sluice.media.live;

import dev.sluice.media.live.pacing.ReadBatching;
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
public final class PublisherSlot {
  /** A publisher that has sent no tag for this long has fallen silent. */
  public static final long SILENT_NANOS = 2 * ReadBatching.MOST_NANOS;

  private sealed interface State {}

  private enum Nobody implements State {
    EMPTY,
    OVER
  }

  private record Taken(Publication by) implements State {}

  private final AtomicReference<State> state = new AtomicReference<>(Nobody.EMPTY);
  private volatile @Nullable PublisherInfo publisher;

  /** What came of an attempt to take the slot. */
  enum Attempt {
    /** The slot was empty. */
    TAKEN,
    /** Another one had to leave it: see {@link Publication#displaced}. */
    TAKEN_OVER,
    /** Another one holds it, or it is over. */
    REFUSED
  }

  /** Takes it if it is empty, or if its holder is the same publisher, fallen silent. */
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

  /** Whether it is this one who holds it. */
  boolean heldBy(Publication publication) {
    return state.get() instanceof Taken taken && taken.by() == publication;
  }

  /** Leaves it empty; false when another holds it. */
  boolean leave(Publication publication) {
    State now = state.get();
    return now instanceof Taken taken
        && taken.by() == publication
        && state.compareAndSet(now, Nobody.EMPTY);
  }

  /** Ends an empty slot; false when it was taken meanwhile, or is over. */
  boolean finish() {
    return state.compareAndSet(Nobody.EMPTY, Nobody.OVER);
  }

  /** Ends the slot whoever holds it; false when it is over already. */
  boolean close() {
    return state.getAndSet(Nobody.OVER) != Nobody.OVER;
  }

  /** Ends the slot and tells its holder; false when it is over already. */
  boolean evict() {
    State was = state.getAndSet(Nobody.OVER);
    if (was instanceof Taken taken) {
      taken.by().displaced(EndReason.KICKED);
    }
    return was != Nobody.OVER;
  }

  /** Whether nobody can take it again. */
  boolean over() {
    return state.get() == Nobody.OVER;
  }

  /** Tells more, or better, of its holder; ignored from others. */
  void describe(Publication publication, PublisherInfo as) {
    if (heldBy(publication)) {
      publisher = as;
    }
  }

  /** Who holds it, or null. */
  @Nullable PublisherInfo holder() {
    return state.get() instanceof Taken ? publisher : null;
  }

  /** The kind of the last publisher. */
  PublisherInfo.Kind kind() {
    PublisherInfo last = publisher;
    return last == null ? PublisherInfo.Kind.ENCODER : last.kind();
  }
}
