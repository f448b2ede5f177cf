package dev.sluice.media.stream;

import java.util.Locale;

/**
 * Who publishes.
 *
 * @param kind encoder or relay
 * @param address where the media comes from, for people: {@code 10.0.0.7:51234}
 * @param agent what the peer calls itself, or empty
 * @param detail of a relay, why it takes the stream from there; else empty
 */
public record PublisherInfo(Kind kind, String address, String agent, String detail) {

  /** How the media comes in. The word is the metric's {@code kind} tag. */
  public enum Kind {
    /** Something that publishes to this server; its clock is rebased to start at 0. */
    ENCODER,
    /** A pull from another server of ours; its clock was set at ingest and is kept. */
    RELAY;

    /** Lower case, for metrics, logs and JSON. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** An encoder. */
  public static PublisherInfo encoder(String address, String agent) {
    return new PublisherInfo(Kind.ENCODER, address, agent, "");
  }

  /** A relay from an upstream address, and why from there. */
  public static PublisherInfo relay(String address, String detail) {
    return new PublisherInfo(Kind.RELAY, address, "", detail);
  }
}
