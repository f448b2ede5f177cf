package dev.sluice.cluster;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A heartbeat as JSON, as sent to {@code POST /api/heartbeat}. Thread-safe. */
public final class HeartbeatJson {
  /** Most bytes that a receiver need accept. */
  public static final int MAX_BYTES = 4 * 1024 * 1024;

  // Unknown properties pass: a newer node may say more than an older balancer understands.
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private HeartbeatJson() {}

  /** Encodes as UTF-8 JSON. */
  public static byte[] encode(Heartbeat heartbeat) {
    return MAPPER.writeValueAsString(heartbeat).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Decodes UTF-8 JSON.
   *
   * @throws HeartbeatException with a sentence for the sender when it is not a heartbeat
   */
  public static Heartbeat decode(byte[] json) {
    try {
      return MAPPER.readValue(json, Heartbeat.class);
    } catch (JacksonException e) {
      throw new HeartbeatException(
          HeartbeatException.Reason.MALFORMED, "heartbeat: " + e.getOriginalMessage());
    }
  }
}
