package dev.sluice.balancer.dns;

import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Rcode;

/**
 * Answers queries for the transports and counts what became of them. A fault of ours is answered
 * with SERVFAIL and logged, at most once a second.
 *
 * <p>Threading: any thread.
 */
final class DnsResponder {
  private static final Logger log = LoggerFactory.getLogger(DnsResponder.class);
  private static final long LOG_EVERY_NANOS = 1_000_000_000;

  private final DnsAnswers answers;
  private final Meters meters;
  private final Counter[] udp = new Counter[17];
  private final Counter[] tcp = new Counter[17];
  private final AtomicLong nextLogNanos = new AtomicLong(System.nanoTime());
  private final AtomicLong faults = new AtomicLong();

  DnsResponder(DnsAnswers answers, Meters meters) {
    this.answers = answers;
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
      fault(e);
      reply = RawQuery.error(bytes, Rcode.SERVFAIL);
    }
    return switch (reply) {
      case DnsReply.Drop drop -> {
        dropped(drop.reason().name()).increment();
        yield null;
      }
      case DnsReply.Send send -> {
        (overTcp ? tcp : udp)[send.rcode()].increment();
        yield send.wire();
      }
    };
  }

  /** The counter of drops for a reason. */
  Counter dropped(String reason) {
    return meters.counter(DnsMeters.DROPPED, reason.toLowerCase(Locale.ROOT));
  }

  private void fault(RuntimeException e) {
    faults.incrementAndGet();
    long now = System.nanoTime();
    long due = nextLogNanos.get();
    if (now - due >= 0 && nextLogNanos.compareAndSet(due, now + LOG_EVERY_NANOS)) {
      log.error("dns answer failed count={}", faults.getAndSet(0), e);
    }
  }
}
