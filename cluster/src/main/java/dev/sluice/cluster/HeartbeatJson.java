package dev.sluice.cluster;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * Heartbeats and the answers to them as JSON, as sent to {@code POST /api/heartbeat}. Thread-safe.
 */
public final class HeartbeatJson {
  /** Most bytes that a receiver need accept. */
  public static final int MAX_BYTES = 4 * 1024 * 1024;

  private static final int LONGEST_ECHO = 200;

  // A node's words are few and flat: what nests deeper or is longer is not parsed to its end.
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder()
          .maxDocumentLength(MAX_BYTES)
          .maxNestingDepth(20)
          .maxStringLength(10_000)
          .maxNameLength(200)
          .maxNumberLength(40)
          .build();

  // Unknown properties pass: a newer node may say more than an older balancer understands. A value
  // is what it says that it is: 1.5 is no 1, "1" and true are no numbers, and 1 is no role.
  private static final JsonMapper MAPPER =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(LIMITS).build())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text ->
                  text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private HeartbeatJson() {}

  /** Encodes as UTF-8 JSON. */
  public static byte[] encode(Heartbeat heartbeat) {
    return MAPPER.writeValueAsString(heartbeat).getBytes(StandardCharsets.UTF_8);
  }

  /** Encodes as UTF-8 JSON. */
  public static byte[] encode(HeartbeatAnswer answer) {
    return MAPPER.writeValueAsString(answer).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Decodes UTF-8 JSON.
   *
   * @throws HeartbeatException with a sentence for the sender when it is not a heartbeat
   */
  public static Heartbeat decode(byte[] json) {
    return decode(json, Heartbeat.class, "heartbeat");
  }

  /**
   * Decodes UTF-8 JSON; no bytes at all are an answer that says nothing.
   *
   * @throws HeartbeatException when it is not an answer
   */
  public static HeartbeatAnswer decodeAnswer(byte[] json) {
    return json.length == 0
        ? HeartbeatAnswer.TAKEN
        : decode(json, HeartbeatAnswer.class, "answer to a heartbeat");
  }

  private static <T> T decode(byte[] json, Class<T> type, String what) {
    T value;
    try {
      value = MAPPER.readValue(json, type);
    } catch (JacksonException e) {
      throw malformed(what, String.valueOf(e.getOriginalMessage()));
    } catch (IllegalArgumentException | NullPointerException e) {
      throw malformed(what, String.valueOf(e.getMessage())); // a list with null in it
    }
    if (value == null) {
      throw malformed(what, "null (expected: an object)");
    }
    return value;
  }

  private static HeartbeatException malformed(String what, String why) {
    String line = why.replaceAll("\\s+", " ");
    String cut = line.length() > LONGEST_ECHO ? line.substring(0, LONGEST_ECHO) + "..." : line;
    return new HeartbeatException(HeartbeatException.Reason.MALFORMED, what + ": " + cut);
  }
}
