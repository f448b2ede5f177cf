package dev.sluice.chassis.auth;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signature was found good lately, so that a viewer who shows one five times a second
 * costs a comparison and not each time up to four signatures: 0.3 us in place of 3 us, or 8 us for
 * an old key.
 *
 * <p>A table of fixed size, in which the newer takes the place of the older. Threading: any thread,
 * without locks.
 */
final class CheckedTokens {
  private static final int SLOTS = 1 << 13;

  private final AtomicReferenceArray<@Nullable Checked> slots = new AtomicReferenceArray<>(SLOTS);

  private record Checked(String token, String prefix, InetAddress client, Instant expiry) {}

  /** Whether a token was found good for this client, and has not expired since. */
  boolean has(String prefix, String token, InetAddress client, Instant now) {
    Checked known = slots.get(slot(token));
    return known != null
        && MessageDigest.isEqual(bytes(known.token), bytes(token))
        && known.prefix.equals(prefix)
        && known.client.equals(client)
        && now.isBefore(known.expiry);
  }

  /** Remembers one that was found good. */
  void add(String prefix, String token, InetAddress client, Instant expiry) {
    slots.set(slot(token), new Checked(token, prefix, client, expiry));
  }

  private static byte[] bytes(String token) {
    return token.getBytes(StandardCharsets.UTF_8);
  }

  private static int slot(String token) {
    int hash = token.hashCode();
    return (hash ^ hash >>> 16) & (SLOTS - 1);
  }
}
