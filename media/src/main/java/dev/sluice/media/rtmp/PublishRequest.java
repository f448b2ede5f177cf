package dev.sluice.media.rtmp;

import java.util.Map;

/**
 * A peer wants to publish. Answer with {@link RtmpServerSession#acceptPublish()} or {@link
 * RtmpServerSession#rejectPublish}.
 *
 * @param app everything before the last slash of app and stream name joined; may hold slashes
 * @param name what follows the last slash, without prefix, {@code .flv} and query
 * @param params query parameters of tcUrl, app and name, percent-decoded; the name's win
 * @param messageStreamId the RTMP message stream it came on
 */
public record PublishRequest(
    String app, String name, Map<String, String> params, int messageStreamId) {

  /** Copies the parameters. */
  public PublishRequest {
    params = Map.copyOf(params);
  }

  /** Names the stream only: parameters may hold keys. */
  @Override
  public String toString() {
    return "publish " + app + "/" + name;
  }
}
