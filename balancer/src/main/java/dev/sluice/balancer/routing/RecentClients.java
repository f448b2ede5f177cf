package dev.sluice.balancer.routing;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which edge each client was sent to for each thing it asked for within the last while. A client
 * that asks again is sent there again, and is not counted again.
 *
 * <p>A table of fixed size: sets of {@value #WAYS} entries, a client's network (/24, /56) deciding
 * the set, so that whoever asks for a thousand streams uses up no more than one set. An entry that
 * is not old gives way to nobody: when all of a set are young, further clients are not remembered,
 * and must be sent where nothing but reports decides.
 *
 * <pre>
 *   63       40 39         24 23        0
 *   +----------+-------------+----------+
 *   | tag (24) | edge (16)   | s (24)   |     0 = empty
 *   +----------+-------------+----------+
 * </pre>
 *
 * <p>Threading: any thread, without locks; of two who write one entry at once one is forgotten.
 */
public final class RecentClients {
  /** What {@link #find} says of a client that is not remembered. */
  public static final int NEW = 0;

  /** What {@link #find} says of a client that is not, and cannot be, remembered. */
  public static final int NO_ROOM = -1;

  static final int WAYS = 8;
  private static final int SETS = 1 << 13;
  private static final int SECONDS_MASK = 0xffffff;
  private static final int EDGE_MASK = 0xffff;

  private final AtomicLongArray entries = new AtomicLongArray(SETS * WAYS);
  private final int seconds;

  /**
   * Remembers nobody yet.
   *
   * @param seconds how long a client is remembered after it asked last
   */
  public RecentClients(int seconds) {
    this.seconds = seconds;
  }

  /** What an edge is remembered by: above 0, and rarely the same for two. */
  public static int mark(String edge) {
    return 1 + (int) Long.remainderUnsigned(Rendezvous.hash(edge), EDGE_MASK);
  }

  /** The {@link #mark} of the client's edge, {@link #NEW} or {@link #NO_ROOM}. */
  public int find(RoutingRequest request, long nowMs) {
    boolean room = false;
    int first = first(request);
    for (int i = first; i < first + WAYS; i++) {
      long entry = entries.get(i);
      boolean young = young(entry, nowMs);
      if (young && entry >>> 40 == tag(request)) {
        return (int) (entry >>> 24) & EDGE_MASK;
      }
      room |= !young;
    }
    return room ? NEW : NO_ROOM;
  }

  /** Remembers that a client was sent to an edge, now; not if there is no room. */
  public void put(RoutingRequest request, String edge, long nowMs) {
    long tag = tag(request);
    long entry = tag << 40 | (long) mark(edge) << 24 | (nowMs / 1000 & SECONDS_MASK);
    int first = first(request);
    int free = -1;
    for (int i = first; i < first + WAYS; i++) {
      long known = entries.get(i);
      boolean young = young(known, nowMs);
      if (young && known >>> 40 == tag) {
        entries.set(i, entry);
        return;
      }
      if (!young && free < 0) {
        free = i;
      }
    }
    if (free >= 0) {
      entries.set(free, entry);
    }
  }

  private boolean young(long entry, long nowMs) {
    long age = (nowMs / 1000 - entry) & SECONDS_MASK;
    return entry != 0 && (age < seconds || age > SECONDS_MASK - 2); // a clock may step back a bit
  }

  private static int first(RoutingRequest request) {
    return WAYS * (int) (Rendezvous.mix(request.clientHash()) >>> 8 & (SETS - 1));
  }

  private static long tag(RoutingRequest request) {
    long kind =
        switch (request.kind()) {
          case LIVE -> 1;
          case FILE -> 2;
          case NAME -> 3;
        };
    long key = Rendezvous.hash(request.key());
    return Rendezvous.mix((request.clientHash() + kind) ^ key) >>> 40;
  }
}
