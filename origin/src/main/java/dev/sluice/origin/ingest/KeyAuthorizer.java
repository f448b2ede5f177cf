package dev.sluice.origin.ingest;

import dev.sluice.chassis.auth.StreamKeys;
import dev.sluice.media.live.PublishAuthorizer;
import dev.sluice.media.live.StreamKey;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Lets a publisher in that shows the key of its stream as {@code ?key=}. Immutable; any thread.
 * Refusals say what to do and never what the key is.
 */
public final class KeyAuthorizer implements PublishAuthorizer {
  private final StreamKeys keys;

  /** With no keys at all nobody is let in. */
  public KeyAuthorizer(StreamKeys keys) {
    this.keys = keys;
  }

  @Override
  public CompletionStage<Verdict> authorize(
      StreamKey stream, Map<String, String> params, InetSocketAddress remote) {
    return CompletableFuture.completedFuture(decide(stream, params.get("key")));
  }

  private Verdict decide(StreamKey stream, @Nullable String key) {
    if (keys.isEmpty()) {
      return new Verdict.Denied(
          "this origin has no stream keys, so nobody can publish; set streamKeys in its"
              + " configuration");
    }
    if (key == null || key.isEmpty()) {
      return new Verdict.Denied(
          "publishing " + stream + " needs its key: add ?key=STREAMKEY to the stream name");
    }
    if (!keys.allows(stream.app(), stream.name(), key)) {
      return new Verdict.Denied("this is not the stream key of " + stream);
    }
    return new Verdict.Allowed(key);
  }
}
