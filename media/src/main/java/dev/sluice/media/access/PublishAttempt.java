package dev.sluice.media.access;

import dev.sluice.media.stream.StreamKey;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * Someone wants to publish.
 *
 * @param stream what
 * @param params query parameters, such as {@code key} and {@code token}
 * @param remote the publisher's address
 * @param protocol {@code rtmp} or {@code rtmps}
 * @param agent what the publisher calls itself, or empty
 */
public record PublishAttempt(
    StreamKey stream,
    Map<String, String> params,
    InetSocketAddress remote,
    String protocol,
    String agent) {

  /** Copies the parameters. */
  public PublishAttempt {
    params = Map.copyOf(params);
  }

  /** Without the parameters, which may hold keys. */
  @Override
  public String toString() {
    return protocol + " " + stream + " from " + remote;
  }
}
