package dev.sluice.origin.ingest;

import dev.sluice.chassis.config.Inlined;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import java.net.URI;
import java.time.Duration;

/** Whom the origin asks and tells about publishers, by HTTP POST of JSON. */
public record HooksConfig(
    @Setting(
            doc =
                "Asked before a publisher is let in: any 2xx lets it in, any 4xx refuses it; empty"
                    + " = nobody is asked. Stream keys and tokens, if any, are checked first.",
            def = "",
            example = "http://10.0.0.9:9000/publish")
        String publish,
    @Setting(
            doc = "Told when a publisher that was let in has ended; empty = nobody is told.",
            def = "",
            example = "http://10.0.0.9:9000/unpublish")
        String unpublish,
    @Setting(doc = "Sent as a bearer token in Authorization; empty = none.", def = "") Secret token,
    @Setting(doc = "Longest wait for an answer.", def = "3s", range = "100ms..30s")
        Duration timeout,
    @Setting(
            doc = "What becomes of a publisher when the hook does not answer, or answers 5xx.",
            def = "refuse")
        OnError onError,
    @Inlined HookLimits limits,
    @Setting(
            doc =
                "PEM file of the authorities of hooks with https; empty = those that Java trusts.",
            def = "",
            example = "/etc/sluice/tls/ca.pem")
        String authorities) {

  /** What to do without an answer. */
  public enum OnError {
    /** Nobody publishes whom the hook did not let in. */
    REFUSE,
    /** The keys and tokens decide alone. */
    ALLOW
  }

  /** An origin that asks and tells no other server of publishers. */
  public static final HooksConfig NONE =
      new HooksConfig(
          "",
          "",
          Secret.NONE,
          Duration.ofSeconds(3),
          OnError.REFUSE,
          new HookLimits(256, 10_000),
          "");

  /** Rejects what is no URL. */
  public HooksConfig {
    check("publish", publish);
    check("unpublish", unpublish);
  }

  private static void check(String name, String url) {
    if (url.isEmpty()) {
      return;
    }
    try {
      URI uri = URI.create(url);
      boolean known = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (known && uri.getHost() != null && uri.getRawUserInfo() == null) {
        return;
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected(name), e);
    }
    throw new IllegalArgumentException(expected(name));
  }

  private static String expected(String name) {
    return name + ": a URL such as http://10.0.0.9:9000/" + name;
  }

  /** Whether any of them is asked over TLS. */
  public boolean secure() {
    return publish.startsWith("https:") || unpublish.startsWith("https:");
  }

  /** Whether anybody is asked or told. */
  public boolean any() {
    return !publish.isEmpty() || !unpublish.isEmpty();
  }
}
