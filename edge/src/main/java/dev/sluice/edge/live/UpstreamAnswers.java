package dev.sluice.edge.live;

import dev.sluice.media.live.ClientEnd;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What each upstream said when it was asked for one stream, and what follows from it: an upstream
 * that does not answer is asked again after a while, one that says no is not, as long as the stream
 * was never there. Once it was, a no may be over soon (the encoder is on its way back).
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

  private final Backoff backoff;
  private final Map<Upstream, Answer> answers = new HashMap<>();

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
   * Notes how asking one ended.
   *
   * @param delivered whether the stream came from there until now: then it may be asked at once
   * @param random in [0, 1), for the jitter
   */
  void note(
      Upstream upstream, ClientEnd.Kind kind, boolean delivered, long nowNanos, double random) {
    Answer before = answers.get(upstream);
    int times = before == null || before.kind() != kind ? 1 : before.times() + 1;
    Duration wait = delivered ? Duration.ZERO : backoff.delay(times, random);
    answers.put(upstream, new Answer(kind, times, nowNanos + wait.toNanos()));
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

  /** The stream came from one: what was said before is forgotten. */
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
