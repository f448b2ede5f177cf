package dev.sluice.lab.hls;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a player asks for and when, over and over. As text a line for each, with tabs: milliseconds,
 * path, bytes, {@code list} or {@code media}; before them one with the period and the hold-back.
 *
 * <p>Pure.
 *
 * @param periodMs after which it begins again
 * @param holdBackMs how much later than it could have come something may come without a stall
 * @param entries in order; the first is a playlist
 */
record Schedule(double periodMs, double holdBackMs, List<Entry> entries) {
  static final String FILE = "schedule.tsv";

  private static final String HEAD = "schedule";
  private static final String LIST = "list";

  /**
   * One request.
   *
   * @param atMs when it may be made, if the one before it is answered
   * @param bytes of the answer's body
   */
  record Entry(double atMs, String path, long bytes, boolean list) {}

  /** Refuses what cannot be played. */
  Schedule {
    entries = List.copyOf(entries);
    if (entries.isEmpty() || !entries.getFirst().list() || !(periodMs > 0)) {
      throw malformed(HEAD, "a period above 0 and a playlist first");
    }
    double before = 0;
    for (Entry entry : entries) {
      if (!(entry.atMs() >= before && entry.atMs() <= periodMs) || !entry.path().startsWith("/")) {
        throw malformed(entry.toString(), "rising times within the period, paths from the root");
      }
      before = entry.atMs();
    }
  }

  /** When the request with this number may be made, counted over all periods, since the start. */
  double atMs(long number) {
    long periods = number / entries.size();
    return periods * periodMs + entry(number).atMs();
  }

  Entry entry(long number) {
    return entries.get((int) (number % entries.size()));
  }

  /** The first playlist at or after a time since the start. */
  long begin(double nowMs) {
    long number = (long) Math.floor(nowMs / periodMs) * entries.size();
    while (!entry(number).list() || atMs(number) < nowMs) {
      number++;
    }
    return number;
  }

  String text() {
    StringBuilder out = new StringBuilder();
    out.append(String.format(Locale.ROOT, "%s\t%.3f\t%.3f%n", HEAD, periodMs, holdBackMs));
    for (Entry entry : entries) {
      out.append(
          String.format(
              Locale.ROOT,
              "%.3f\t%s\t%d\t%s%n",
              entry.atMs(),
              entry.path(),
              entry.bytes(),
              entry.list() ? LIST : "media"));
    }
    return out.toString();
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException for anything else
   */
  static Schedule read(String text) {
    List<Entry> entries = new ArrayList<>();
    double period = 0;
    double holdBack = 0;
    for (String line : text.lines().toList()) {
      String[] fields = line.split("\t");
      try {
        if (fields[0].equals(HEAD)) {
          period = Double.parseDouble(fields[1]);
          holdBack = Double.parseDouble(fields[2]);
        } else {
          entries.add(
              new Entry(
                  Double.parseDouble(fields[0]),
                  fields[1],
                  Long.parseLong(fields[2]),
                  fields[3].equals(LIST)));
        }
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw malformed(line, "MS, PATH, BYTES and list or media");
      }
    }
    return new Schedule(period, holdBack, entries);
  }

  private static IllegalArgumentException malformed(String line, String expected) {
    return new IllegalArgumentException("schedule: " + line + " (expected: " + expected + ")");
  }
}
