package dev.sluice.edge.beacon;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a player says of one viewer since it last said something, each value within what can be. Its
 * fields have CMCD's names (CTA-5004) where there are some: {@code cid} the stream's key, {@code
 * msd} media start delay, {@code ltc} live latency, {@code bsd} time stood still, {@code bs} how
 * often, all in milliseconds; beside them {@code over}, {@code df} dropped frames, {@code moves} to
 * another edge and {@code pt} time played. Pure.
 *
 * @param joinMs from asking to the first picture; -1 when that was told before
 * @param latencyMs behind what was filmed; -1 when the player does not know
 */
record Beacon(
    String stream,
    Over over,
    long joinMs,
    long latencyMs,
    long stalls,
    long stalledMs,
    long droppedFrames,
    long moves,
    long playedMs) {
  static final int MOST_BYTES = 1024;
  static final long LONGEST_MS = 120_000;
  static final long MOST_STALLS = 60;
  static final long MOST_FRAMES = 10_000;
  static final long MOST_MOVES = 20;
  private static final int LONGEST_NAME = 200;
  private static final JsonMapper JSON = JsonMapper.shared();

  /** By which a viewer watches; a closed set, as it is a tag of the meters. */
  enum Over {
    HTTP_FLV,
    WS_FLV,
    HLS,
    FILE;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Null for what is no beacon. Numbers that are too large count as the largest. */
  static @Nullable Beacon parse(byte[] body) {
    try {
      JsonNode root = JSON.readTree(body);
      String stream = root.path("cid").asString("");
      Over over = over(root.path("over").asString(""));
      if (stream.isEmpty() || stream.length() > LONGEST_NAME || over == null) {
        return null;
      }
      return new Beacon(
          stream,
          over,
          maybe(root.path("msd")),
          maybe(root.path("ltc")),
          number(root.path("bs"), MOST_STALLS),
          number(root.path("bsd"), LONGEST_MS),
          number(root.path("df"), MOST_FRAMES),
          number(root.path("moves"), MOST_MOVES),
          number(root.path("pt"), LONGEST_MS));
    } catch (JacksonException e) {
      return null;
    }
  }

  private static @Nullable Over over(String word) {
    for (Over one : Over.values()) {
      if (one.word().equals(word)) {
        return one;
      }
    }
    return null;
  }

  private static long maybe(JsonNode node) {
    return node.isNumber() && node.asDouble() >= 0 ? number(node, LONGEST_MS) : -1;
  }

  private static long number(JsonNode node, long most) {
    return node.isNumber() ? (long) Math.clamp(node.asDouble(), 0, (double) most) : 0;
  }
}
