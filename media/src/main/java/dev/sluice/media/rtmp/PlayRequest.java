package dev.sluice.media.rtmp;

import java.util.Map;

/**
 * A peer wants to play. Answer with {@link RtmpServerSession#acceptPlay()} or {@link
 * RtmpServerSession#rejectPlay}.
 *
 * @param app everything before the last slash of app and stream name joined; may hold slashes
 * @param name what follows the last slash, without prefix, {@code .flv} and query
 * @param params query parameters of tcUrl, app and name, percent-decoded; the name's win
 * @param start what to play
 * @param messageStreamId the RTMP message stream it came on
 */
public record PlayRequest(
    String app, String name, Map<String, String> params, Start start, int messageStreamId) {

  /** What the peer's start argument asks for. Real clients send -2, -2000, -1, -1000 and 0. */
  public enum Start {
    /** -2 or lower, or no argument: live, or a recording when nothing is live. */
    LIVE_OR_RECORDED,
    /** -1 or -1000: live only. */
    LIVE,
    /** 0 or more: a recording from a position; a live stream of that name still plays live. */
    RECORDED
  }

  /** Copies the parameters. */
  public PlayRequest {
    params = Map.copyOf(params);
  }

  /** Names the stream only: parameters may hold tokens. */
  @Override
  public String toString() {
    return "play " + app + "/" + name;
  }
}
