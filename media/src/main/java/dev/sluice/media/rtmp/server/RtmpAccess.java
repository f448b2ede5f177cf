package dev.sluice.media.rtmp.server;

import dev.sluice.media.access.PlayAuthorizer;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.access.PublishForwarder;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what over RTMP, and where publishers go. Thread-safe.
 *
 * @param publishers who may publish
 * @param players who may play
 * @param forwarder takes the publishers in for another server, and nobody is authorised here; null
 *     when they publish here
 */
public record RtmpAccess(
    PublishAuthorizer publishers, PlayAuthorizer players, @Nullable PublishForwarder forwarder) {

  /** Everyone may play; publishers that are allowed publish here. */
  public static RtmpAccess of(PublishAuthorizer publishers) {
    return new RtmpAccess(publishers, PlayAuthorizer.anyone(), null);
  }
}
