package dev.sluice.media.live;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The one place for a publisher that a stream has: empty, taken, or over for good.
 *
 * <p>Threading: any thread; publishers come on any loop, and who is first wins.
 */
final class PublisherSeat {
  private sealed interface State {}

  private enum Nobody implements State {
    EMPTY,
    OVER
  }

  private record Taken(Publication by) implements State {}

  private final AtomicReference<State> state = new AtomicReference<>(Nobody.EMPTY);
  private volatile @Nullable PublisherInfo publisher;

  /** Sits down if nobody does. */
  boolean take(Publication publication) {
    if (!state.compareAndSet(Nobody.EMPTY, new Taken(publication))) {
      return false;
    }
    publisher = publication.publisher();
    return true;
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

  /** Whether nobody can sit here again. */
  boolean over() {
    return state.get() == Nobody.OVER;
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
