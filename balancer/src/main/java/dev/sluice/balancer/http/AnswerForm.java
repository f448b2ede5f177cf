package dev.sluice.balancer.http;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a viewer wants to be told: one edge by a redirect, or several as a list. */
enum AnswerForm {
  /** {@code 302} to an edge. */
  REDIRECT,
  /** Edges as JSON. */
  LIST;

  private static final String JSON = "application/json";

  /**
   * The form that is asked for.
   *
   * @param format of the query; wins over the headers
   * @param path whose extension is a format too: that of the thing itself
   * @param accept headers
   * @return null if the format is neither
   */
  static @Nullable AnswerForm of(@Nullable String format, String path, List<String> accept) {
    if (format == null) {
      return prefersJson(accept) ? LIST : REDIRECT;
    }
    if (format.equals("json")) {
      return LIST;
    }
    return !format.isEmpty() && path.endsWith("." + format) ? REDIRECT : null;
  }

  /**
   * True if JSON is named, is not excluded, and nothing else is liked better (RFC 9110 section
   * 12.5.1). Who only takes anything gets the redirect.
   */
  private static boolean prefersJson(List<String> accept) {
    double json = 0;
    double other = 0;
    for (String header : accept) {
      for (String range : header.toLowerCase(Locale.ROOT).split(",", -1)) {
        String[] parts = range.split(";", -1);
        double weight = weight(parts);
        if (parts[0].strip().equals(JSON)) {
          json = weight;
        } else {
          other = Math.max(other, weight);
        }
      }
    }
    return json > 0 && json >= other;
  }

  /** 0 when it cannot be read. */
  private static double weight(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("q=")) {
        String weight = parameter.substring(2).strip();
        return weight.matches("0(\\.\\d{0,3})?|1(\\.0{0,3})?") ? Double.parseDouble(weight) : 0;
      }
    }
    return 1;
  }
}
