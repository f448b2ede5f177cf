package dev.sluice.chassis.config;

import org.jspecify.annotations.Nullable;

/** The two ends of {@link Setting#range}. */
record Range(@Nullable Comparable<Object> from, @Nullable Comparable<Object> to) {

  static Range of(Schema.Scalar scalar, String range) {
    if (range.isEmpty()) {
      return new Range(null, null);
    }
    int dots = range.indexOf("..");
    if (dots < 0) {
      throw new IllegalArgumentException("range: " + range + " (expected: from..to)");
    }
    return new Range(end(scalar, range.substring(0, dots)), end(scalar, range.substring(dots + 2)));
  }

  @SuppressWarnings("unchecked")
  private static @Nullable Comparable<Object> end(Schema.Scalar scalar, String text) {
    return text.isEmpty() ? null : (Comparable<Object>) scalar.parse().apply(text);
  }

  boolean contains(Object value) {
    return (from == null || from.compareTo(value) <= 0) && (to == null || to.compareTo(value) >= 0);
  }
}
