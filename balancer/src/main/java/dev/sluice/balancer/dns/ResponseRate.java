package dev.sluice.balancer.dns;

import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many UDP answers a client's network gets a second. Whoever sends queries under a victim's
 * address must not be able to bury the victim in our answers; a real client is told now and then,
 * by an answer without content that says "truncated", to come over TCP, which cannot be forged.
 * ("Response Rate Limiting in the Domain Name System", Vixie and Schryver, 2012.)
 *
 * <p>A network (/24, /56) has one allowance for each {@link Kind} of answer, so that a flood of one
 * kind does not silence the others. Allowances are held in two rows of {@value #SLOTS} slots that
 * share the networks out by two secret hashes; a query is over the limit only when both of its
 * slots are. Memory is fixed, whatever addresses come.
 *
 * <p>A slot holds when its allowance will be whole again: the generic cell rate algorithm (ITU-T
 * I.371), which is a token bucket in one number.
 *
 * <p>Threading: any thread, without locks. Time comes in as an argument.
 */
final class ResponseRate {
  static final int SLOTS = 1 << 16;
  private static final int ROWS = 2;
  private static final int V4_BITS = 24;
  private static final int V6_BITS = 56;
  private static final long SECOND = 1_000_000_000;

  /** An idle network may have so many seconds' worth of answers at once. */
  private static final long BURST_SECONDS = 2;

  private final long nanosEach;
  private final int slip;
  private final List<Cidr> exempt;
  private final long secret;
  private final AtomicLongArray wholeAt = new AtomicLongArray(ROWS * SLOTS);
  private final AtomicLong overLimit = new AtomicLong();

  /** What an answer says. */
  enum Kind {
    /** Something. */
    CONTENT(1),
    /** That there is nothing. */
    NOTHING(2),
    /** That something was wrong. */
    ERROR(3);

    private static final int NXDOMAIN = 3;
    private final long salt;

    Kind(long salt) {
      this.salt = salt;
    }

    static Kind of(byte[] wire) {
      int rcode = wire[3] & 0xf;
      if (rcode == 0) {
        return (wire[6] | wire[7]) != 0 ? CONTENT : NOTHING;
      }
      return rcode == NXDOMAIN ? NOTHING : ERROR;
    }
  }

  /** What to do. */
  enum Verdict {
    /** Send it. */
    SEND,
    /** Send that it is truncated. */
    TRUNCATE,
    /** Send nothing. */
    DROP
  }

  /**
   * A limit.
   *
   * @param perSecond answers of a kind to a network; 0 = no limit
   * @param slip of how many answers over the limit one is sent truncated; 0 = of none
   * @param exempt networks without a limit
   * @param secret random, so that nobody can aim at the slots of another network
   */
  ResponseRate(int perSecond, int slip, List<Cidr> exempt, long secret) {
    this.nanosEach = perSecond == 0 ? 0 : SECOND / perSecond;
    this.slip = slip;
    this.exempt = exempt;
    this.secret = secret;
  }

  /**
   * Judges one answer, and counts it if it is to be sent whole.
   *
   * @param nowNanos in the manner of {@link System#nanoTime()}, from 0 up
   */
  Verdict judge(InetAddress client, Kind kind, long nowNanos) {
    if (nanosEach == 0 || Cidr.anyContains(exempt, client)) {
      return Verdict.SEND;
    }
    long hash = mix(network(client) ^ secret) + kind.salt;
    boolean within = false;
    for (int row = 0; row < ROWS; row++) {
      hash = mix(hash);
      within |= take(row * SLOTS + (int) (hash & (SLOTS - 1)), nowNanos);
    }
    if (within) {
      return Verdict.SEND;
    }
    boolean told = slip > 0 && overLimit.incrementAndGet() % slip == 0;
    return told ? Verdict.TRUNCATE : Verdict.DROP;
  }

  private boolean take(int slot, long nowNanos) {
    while (true) {
      long whole = wholeAt.get(slot);
      long from = Math.max(whole, nowNanos);
      if (from - nowNanos >= BURST_SECONDS * SECOND) {
        return false;
      }
      if (wholeAt.compareAndSet(slot, whole, from + nanosEach)) {
        return true;
      }
    }
  }

  private static long network(InetAddress client) {
    byte[] bytes = client.getAddress();
    int significant = (bytes.length == 4 ? V4_BITS : V6_BITS) / 8;
    long network = bytes.length;
    for (int i = 0; i < significant; i++) {
      network = network << 8 | (bytes[i] & 0xff);
    }
    return network;
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
