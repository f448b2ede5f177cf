package dev.sluice.media.live;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.segment.DateRange;
import io.netty.buffer.ByteBuf;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Script data {@value #NAME} of an encoder as a span of time: {@code name} and {@code type}, and
 * the {@code parameters}, of which {@code id} and {@code duration} (seconds) mean what they say and
 * the others become attributes {@code X-NAME}. It begins where it is in the stream, whatever its
 * {@code time} says, and without a duration is a moment. Pure.
 */
final class CuePoint {
  static final String NAME = "onCuePoint";
  private static final String KIND = "onCuePoint";
  private static final AmfLimits LIMITS = new AmfLimits(4, 100);
  private static final int MOST_BYTES = 16 << 10;

  private CuePoint() {}

  /** Whether script data is one. Borrows it. */
  static boolean is(ByteBuf body) {
    return body.readableBytes() <= MOST_BYTES && decode(body) != null;
  }

  private static @Nullable Map<String, AmfValue> decode(ByteBuf body) {
    try {
      ScriptData data = ScriptData.decode(body, LIMITS);
      return data == null || !data.name().equals(NAME) || data.values().isEmpty()
          ? null
          : properties(data.values().getFirst());
    } catch (AmfException e) {
      return null;
    }
  }

  private static @Nullable Map<String, AmfValue> properties(@Nullable AmfValue value) {
    if (value instanceof AmfValue.Obj(Map<String, AmfValue> all)) {
      return all;
    }
    return value instanceof AmfValue.EcmaArray(Map<String, AmfValue> all) ? all : null;
  }

  /**
   * Reads one. Borrows it.
   *
   * @param startMs its date
   * @param unnamed its name among those of the stream if it has none
   * @return null when it is none
   * @throws IllegalArgumentException for one that no playlist can have, with a sentence
   */
  static @Nullable DateRange range(ByteBuf body, long startMs, String unnamed) {
    Map<String, AmfValue> cue = body.readableBytes() > MOST_BYTES ? null : decode(body);
    if (cue == null) {
      return null;
    }
    Map<String, String> attributes = new TreeMap<>();
    put(attributes, "NAME", cue.get("name"));
    put(attributes, "TYPE", cue.get("type"));
    String id = unnamed;
    long durationMs = 0;
    Map<String, AmfValue> parameters = properties(cue.get("parameters"));
    if (parameters != null) {
      for (Map.Entry<String, AmfValue> each : parameters.entrySet()) {
        switch (each.getKey().toLowerCase(Locale.ROOT)) {
          case "id" -> {
            String given = text(each.getValue());
            id = given == null || given.isEmpty() ? unnamed : given;
          }
          case "duration" -> durationMs = milliseconds(each.getValue());
          default -> put(attributes, each.getKey(), each.getValue());
        }
      }
    }
    return new DateRange(id, KIND, startMs, durationMs, attributes);
  }

  /** What is no text, number or truth value is left out. */
  private static void put(Map<String, String> attributes, String name, @Nullable AmfValue value) {
    String text = text(value);
    if (text != null) {
      String plain = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "-");
      attributes.put(plain.startsWith("X-") ? plain : "X-" + plain, text);
    }
  }

  private static @Nullable String text(@Nullable AmfValue value) {
    if (value instanceof AmfValue.Str(String text)) {
      return text;
    }
    if (value instanceof AmfValue.Num(double number)) {
      return number == Math.rint(number) && Math.abs(number) < 1e15
          ? Long.toString((long) number)
          : Double.toString(number);
    }
    return value instanceof AmfValue.Bool(boolean truth) ? Boolean.toString(truth) : null;
  }

  private static long milliseconds(AmfValue value) {
    String text = text(value);
    try {
      double seconds = text == null ? -1 : Double.parseDouble(text);
      if (seconds >= 0 && seconds * 1000 <= DateRange.LONGEST_MS) {
        return Math.round(seconds * 1000);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException("duration: " + text + " (expected: seconds, at most a day)");
  }
}
