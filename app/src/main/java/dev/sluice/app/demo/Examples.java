package dev.sluice.app.demo;

import dev.sluice.chassis.config.ConfigLoader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The example configurations, one per server of a small fleet; the demo runs on them too. */
public final class Examples {
  /** Names of the files without {@code .yaml}, in the order in which to start. */
  public static final List<String> IDS = List.of("balancer", "origin-1", "eu-1", "eu-2", "us-1");

  private Examples() {}

  /** The text of one. */
  public static String text(String id) throws IOException {
    try (InputStream in = Examples.class.getResourceAsStream("/examples/" + id + ".yaml")) {
      if (in == null) {
        throw new IOException("the example " + id + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * One, with other values for some keys.
   *
   * @param overrides by environment variable, such as {@code SLUICE_HTTP_PORT}
   */
  static <R extends Record> R load(Class<R> type, String id, Map<String, String> overrides)
      throws IOException {
    return ConfigLoader.load(type, text(id), "examples/" + id + ".yaml", overrides);
  }
}
