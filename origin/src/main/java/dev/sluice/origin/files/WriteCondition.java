package dev.sluice.origin.files;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * If-Match and If-None-Match of a changing request (RFC 9110 sections 13.1.1 and 13.1.2).
 *
 * @param ifMatch entity tags of If-Match as sent, {@code *} included; null when there is none
 * @param ifNoneMatch the same of If-None-Match
 */
public record WriteCondition(@Nullable List<String> ifMatch, @Nullable List<String> ifNoneMatch) {
  /** Always holds. */
  public static final WriteCondition NONE = new WriteCondition(null, null);

  /** From the two header values; null for an absent one. */
  public static WriteCondition parse(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
    return new WriteCondition(tags(ifMatch), tags(ifNoneMatch));
  }

  private static @Nullable List<String> tags(@Nullable String header) {
    if (header == null) {
      return null;
    }
    // Our tags hold no comma, so a tag that does cannot match and may be cut in two.
    return List.of(header.trim().split("\\s*,\\s*"));
  }

  /**
   * Whether the request may go on.
   *
   * @param current the strong entity tag of what is stored; null when nothing is
   */
  public boolean allows(@Nullable String current) {
    if (ifMatch != null && (current == null || !names(ifMatch, current))) {
      return false;
    }
    if (ifNoneMatch != null && current != null) {
      for (String tag : ifNoneMatch) {
        String strong = tag.startsWith("W/") ? tag.substring(2) : tag;
        if (strong.equals("*") || strong.equals(current)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean names(List<String> tags, String current) {
    return tags.contains("*") || tags.contains(current);
  }

  /** Whether it names a tag. */
  public boolean mentions(String tag) {
    return (ifMatch != null && ifMatch.contains(tag))
        || (ifNoneMatch != null && ifNoneMatch.contains(tag));
  }

  /** Whether it always holds. */
  public boolean empty() {
    return ifMatch == null && ifNoneMatch == null;
  }
}
