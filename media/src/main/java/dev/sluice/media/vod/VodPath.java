package dev.sluice.media.vod;

import java.util.List;

/**
 * The files that a player may mean by a name: players leave {@code .flv} out, or it was taken off.
 * A name that could lead out of the stored files means none. Pure.
 */
public final class VodPath {
  private static final int MAX_LENGTH = 1000;
  private static final String ENDING = ".flv";

  private VodPath() {}

  /**
   * In the order to look for them.
   *
   * @param name below {@code vod/}, decoded, as the client sent it
   */
  public static List<String> candidates(String name) {
    return safe(name) ? List.of(name + ENDING, name) : List.of();
  }

  private static boolean safe(String name) {
    if (name.isEmpty() || name.length() > MAX_LENGTH) {
      return false;
    }
    boolean begins = true;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean hidden = begins && (c == '.' || c == '/');
      if (hidden || c < 0x20 || c == 0x7f || c == '\\') {
        return false;
      }
      begins = c == '/';
    }
    return !begins;
  }
}
