package dev.sluice.balancer.dns;

import dev.sluice.chassis.log.RateLimitedLog;
import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.xbill.DNS.Rcode;

/**
 * Answers queries for the transports, holds UDP answers to their rate and counts what became of
 * them. A fault of ours is answered with SERVFAIL and logged; so is what clients do wrong, each at
 * most once a second.
 *
 * <p>Threading: any thread.
 */
final class DnsResponder {
  private static final Logger log = LoggerFactory.getLogger(DnsResponder.class);

  private final DnsAnswers answers;
  private final Meters meters;
  private final Counter[] udp = new Counter[17];
  private final Counter[] tcp = new Counter[17];
  private final ResponseRate rate;
  private final Counter rateDropped;
  private final Counter rateTruncated;
  private final long startNanos = System.nanoTime();
  private final RateLimitedLog faults = new RateLimitedLog(log, Level.ERROR, "dns answer failed");
  private final RateLimitedLog malformed =
      new RateLimitedLog(log, Level.INFO, "dns query malformed");
  private final RateLimitedLog limited = new RateLimitedLog(log, Level.WARN, "dns rate limited");

  DnsResponder(DnsAnswers answers, ResponseRate rate, Meters meters) {
    this.answers = answers;
    this.rate = rate;
    this.rateDropped = meters.counter(DnsMeters.LIMITED, "dropped");
    this.rateTruncated = meters.counter(DnsMeters.LIMITED, "truncated");
    this.meters = meters;
    for (int rcode :
        new int[] {
          Rcode.NOERROR,
          Rcode.FORMERR,
          Rcode.SERVFAIL,
          Rcode.NXDOMAIN,
          Rcode.NOTIMP,
          Rcode.REFUSED,
          Rcode.BADVERS
        }) {
      String word = rcode == Rcode.BADVERS ? "badvers" : Rcode.string(rcode);
      udp[rcode] = meters.counter(DnsMeters.ANSWERS, "udp", word.toLowerCase(Locale.ROOT));
      tcp[rcode] = meters.counter(DnsMeters.ANSWERS, "tcp", word.toLowerCase(Locale.ROOT));
    }
    for (DnsReply.Reason reason : DnsReply.Reason.values()) {
      dropped(reason.name());
    }
  }

  /** The answer's bytes, or null if there is none to send. The query is borrowed. */
  byte @Nullable [] answer(ByteBuf query, InetAddress peer, boolean overTcp) {
    byte[] bytes = ByteBufUtil.getBytes(query);
    DnsReply reply;
    try {
      reply = answers.answer(bytes, peer, overTcp);
    } catch (RuntimeException e) {
      log.debug("dns answer failed", e);
      faults.note(e + " at " + e.getStackTrace()[0]);
      reply = RawQuery.error(bytes, Rcode.SERVFAIL);
    }
    return switch (reply) {
      case DnsReply.Drop drop -> {
        dropped(drop.reason().name()).increment();
        malformed(peer, drop.reason().name().toLowerCase(Locale.ROOT));
        yield null;
      }
      case DnsReply.Send send -> {
        if (send.rcode() == Rcode.FORMERR) {
          malformed(peer, "formerr");
        }
        byte[] wire = limited(send, peer, overTcp);
        if (wire != null) {
          (overTcp ? tcp : udp)[send.rcode()].increment();
        }
        yield wire;
      }
    };
  }

  /** One that is dropped or truncated brings no viewer; only what is sent whole is noted. */
  private byte @Nullable [] limited(DnsReply.Send send, InetAddress peer, boolean overTcp) {
    byte[] wire = send.wire();
    ResponseRate.Verdict verdict =
        overTcp
            ? ResponseRate.Verdict.SEND
            : rate.judge(peer, ResponseRate.Kind.of(wire), System.nanoTime() - startNanos);
    return switch (verdict) {
      case SEND -> {
        answers.sent(send);
        yield wire;
      }
      case TRUNCATE -> {
        rateTruncated.increment();
        limited.note("network of " + peer.getHostAddress());
        yield DnsAnswers.truncated(wire);
      }
      case DROP -> {
        rateDropped.increment();
        limited.note("network of " + peer.getHostAddress());
        yield null;
      }
    };
  }

  /** Notes what cannot be a query. */
  void malformed(InetAddress peer, String what) {
    malformed.note(what + " from " + peer.getHostAddress());
  }

  /** The counter of drops for a reason. */
  Counter dropped(String reason) {
    return meters.counter(DnsMeters.DROPPED, reason.toLowerCase(Locale.ROOT));
  }
}
