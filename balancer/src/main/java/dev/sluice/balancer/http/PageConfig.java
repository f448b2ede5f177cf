package dev.sluice.balancer.http;

import dev.sluice.chassis.config.Setting;
import java.util.regex.Pattern;

/** The web page and the player that others put into theirs. */
public record PageConfig(
    @Setting(
            doc =
                "Which pages may show the player in a frame (/embed/NAME), as a list for"
                    + " frame-ancestors of a Content-Security-Policy; 'none' = no page. The page"
                    + " with the fleet is framed by no other site, whatever this says.",
            def = "*",
            example = "https://www.example.net https://*.example.org")
        String frameAncestors) {
  private static final Pattern SOURCES =
      Pattern.compile("\\*|'none'|('self'|[\\w.:/*-]+)( ('self'|[\\w.:/*-]+))*");

  /** Rejects what would say something else in the header. */
  public PageConfig {
    if (!SOURCES.matcher(frameAncestors).matches()) {
      throw new IllegalArgumentException(
          "frameAncestors: "
              + frameAncestors
              + " (expected: *, 'none', or origins such as https://www.example.net with a space"
              + " between)");
    }
  }
}
