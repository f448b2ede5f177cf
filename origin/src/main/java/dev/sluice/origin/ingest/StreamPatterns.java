package dev.sluice.origin.ingest;

import dev.sluice.media.stream.StreamKey;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Patterns of stream names: {@code demo} or {@code app/demo}, where {@code *} stands for any run of
 * characters but a slash. Immutable.
 */
final class StreamPatterns {
  private final List<Pattern> patterns;

  StreamPatterns(List<String> texts) {
    List<Pattern> compiled = new ArrayList<>();
    for (String text : texts) {
      String full = text.indexOf('/') < 0 ? "*/" + text : text;
      compiled.add(Pattern.compile("\\Q" + full.replace("*", "\\E[^/]*\\Q") + "\\E"));
    }
    this.patterns = List.copyOf(compiled);
  }

  boolean match(StreamKey key) {
    String stream = key.toString();
    for (Pattern pattern : patterns) {
      if (pattern.matcher(stream).matches()) {
        return true;
      }
    }
    return false;
  }
}
