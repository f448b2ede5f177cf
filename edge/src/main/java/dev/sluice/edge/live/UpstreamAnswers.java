package dev.sluice.edge.live;

import dev.sluice.chassis.lifecycle.Backoff;
import dev.sluice.media.rtmp.client.ClientEnd;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What each upstream said when it was asked for one stream, and what follows from it: an upstream
 * that does not answer is asked again after a while, one that says no is not, as long as the stream
 * was never there. Once it was, a no may be over soon (the encoder is on its way back). One that
 * gave the stream and broke off is asked again at once, and later each time when it never gives it
 * for long: a line that carries nothing, or a server that drops this node, is not hammered.
 *
 * <p>Pure; confined to the event loop of its stream.
 */
final class UpstreamAnswers {
  /** What to do when no upstream is being asked. */
  enum Verdict {
    /** One may still give the stream. */
    ASK_ON,
    /** There is no such stream. */
    NOT_FOUND,
    /** It is refused to this edge. */
    REFUSED
  }

  private record Answer(ClientEnd.Kind kind, int times, long notBeforeNanos) {}

  /** A stream that came for this long came well: what was before is forgotten. */
  static final long STEADY_NANOS = 10_000_000_000L;

  private final Backoff backoff;
  private final Map<Upstream, Answer> answers = new HashMap<>();
  private final Map<Upstream, Integer> brokenOff = new HashMap<>();

  UpstreamAnswers(Backoff backoff) {
    this.backoff = backoff;
  }

  /** Whether an answer means that the upstream has been reached and will not give the stream. */
  static boolean no(ClientEnd.Kind kind) {
    return switch (kind) {
      case NOT_FOUND, ENDED, REFUSED, LOOP -> true;
      case CONNECT_FAILED, TIMEOUT, LOST, PROTOCOL_ERROR, UNAVAILABLE -> false;
    };
  }

  /**
   * Whether an answer, from the one that the stream came from, is the end of the stream itself. Any
   * other end is that of a connection: of this line, of this node's place at the upstream, of the
   * upstream.
   */
  static boolean endsStream(ClientEnd.Kind kind) {
    return switch (kind) {
      case ENDED -> true;
      case CONNECT_FAILED, TIMEOUT, NOT_FOUND, REFUSED, UNAVAILABLE, LOOP, LOST, PROTOCOL_ERROR ->
          false;
    };
  }

  /**
   * Notes how asking one ended.
   *
   * @param deliveredNanos for how long the stream came from there until now; negative = not at all
   * @param random in [0, 1), for the jitter
   */
  void note(
      Upstream upstream, ClientEnd.Kind kind, long deliveredNanos, long nowNanos, double random) {
    Answer before = answers.get(upstream);
    int times = before == null || before.kind() != kind ? 1 : before.times() + 1;
    Duration wait =
        deliveredNanos < 0
            ? backoff.delay(times, random)
            : afterBreak(upstream, deliveredNanos, random);
    answers.put(upstream, new Answer(kind, times, nowNanos + wait.toNanos()));
  }

  private Duration afterBreak(Upstream upstream, long deliveredNanos, double random) {
    int before = deliveredNanos >= STEADY_NANOS ? 0 : brokenOff.getOrDefault(upstream, 0);
    brokenOff.put(upstream, before + 1);
    return before == 0 ? Duration.ZERO : backoff.delay(before, random);
  }

  /** Whether one said no. */
  boolean saidNo(Upstream upstream) {
    Answer answer = answers.get(upstream);
    return answer != null && no(answer.kind());
  }

  /**
   * Whether one said that there is no such stream, and is a parent: it has asked the origins, and
   * waited there for a publisher as long as they have anybody wait.
   */
  boolean absentForAll(Upstream upstream) {
    Answer answer = answers.get(upstream);
    return answer != null && upstream.tier() == Upstream.Tier.PARENT && absent(answer.kind());
  }

  private static boolean absent(ClientEnd.Kind kind) {
    return kind == ClientEnd.Kind.NOT_FOUND || kind == ClientEnd.Kind.ENDED;
  }

  /** When one may be asked again: a time that has passed for one that was not asked. */
  long notBefore(Upstream upstream, long nowNanos) {
    Answer answer = answers.get(upstream);
    return answer == null ? nowNanos : answer.notBeforeNanos();
  }

  /** The stream came from one: what was said before is forgotten, but not how often it broke. */
  void clear() {
    answers.clear();
  }

  /**
   * What to make of the answers for a stream that never came. A parent speaks for the origins: what
   * it does not find is not there.
   *
   * @param all every upstream there is
   */
  Verdict verdict(Collection<Upstream> all) {
    boolean absent = false;
    boolean refused = false;
    boolean open = false;
    for (Upstream upstream : all) {
      Answer answer = answers.get(upstream);
      boolean parent = upstream.tier() == Upstream.Tier.PARENT;
      if (answer == null || !no(answer.kind())) {
        open |= !parent;
        continue;
      }
      if (!absent(answer.kind())) {
        refused |= !parent;
      } else if (parent) {
        return Verdict.NOT_FOUND;
      } else {
        absent = true;
      }
    }
    if (open) {
      return Verdict.ASK_ON;
    }
    return refused || !absent ? Verdict.REFUSED : Verdict.NOT_FOUND;
  }
}
