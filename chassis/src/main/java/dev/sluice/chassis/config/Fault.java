package dev.sluice.chassis.config;

/**
 * One thing wrong with a configuration.
 *
 * @param file name of the file, or {@code environment}
 * @param line from 1; 0 when the fault has no line (a missing key, an environment variable)
 * @param key full key, such as {@code http.port}
 * @param value as given; hidden for secrets, empty when missing
 * @param expected what would have been right
 */
public record Fault(String file, int line, String key, String value, String expected) {
  /** {@code edge.yaml:12: http.port: 99999 (expected: 0..65535)}. */
  @Override
  public String toString() {
    String where = line > 0 ? file + ":" + line : file;
    if (key.isEmpty() && value.isEmpty()) {
      return where + ": " + expected;
    }
    String what = value.isEmpty() || key.isEmpty() ? key + value : key + ": " + value;
    return where + ": " + what + " (expected: " + expected + ")";
  }
}
