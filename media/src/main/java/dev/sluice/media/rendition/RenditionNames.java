package dev.sluice.media.rendition;

import dev.sluice.media.stream.StreamKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which streams are renditions of one picture, by the endings of their names: with {@code _720} and
 * {@code _480}, {@code NAME}, {@code NAME_720} and {@code NAME_480} are the group {@code NAME}.
 * Pure.
 *
 * @param endings none = there are no groups
 */
public record RenditionNames(List<String> endings) {
  /** No groups. */
  public static final RenditionNames NONE = new RenditionNames(List.of());

  private static final int MOST = 32;
  private static final String FORM = "[A-Za-z0-9._-]{1,32}";

  /** Copies the list, the longest first; rejects what cannot end a name. */
  public RenditionNames {
    if (endings.size() > MOST) {
      throw new IllegalArgumentException(
          "renditions: " + endings.size() + " endings (expected: at most " + MOST + ")");
    }
    for (String ending : endings) {
      if (!ending.matches(FORM)) {
        throw new IllegalArgumentException(
            "renditions: \"" + ending + "\" (expected: 1 to 32 letters, digits and . _ -)");
      }
    }
    List<String> sorted = new ArrayList<>(endings);
    sorted.sort(Comparator.comparingInt(String::length).reversed());
    endings = List.copyOf(sorted);
  }

  /** Whether there are groups at all. */
  public boolean any() {
    return !endings.isEmpty();
  }

  /** The group of a stream, which may be its own. */
  public StreamKey groupOf(StreamKey stream) {
    String name = stream.name();
    for (String ending : endings) {
      if (name.endsWith(ending)) {
        StreamKey group =
            StreamKey.of(stream.app(), name.substring(0, name.length() - ending.length()));
        if (group != null) {
          return group;
        }
      }
    }
    return stream;
  }
}
