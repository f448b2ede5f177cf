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
 * @param startMs the start argument itself; of a recording the position in milliseconds, which is
 *     what clients send though the specification speaks of seconds
 * @param lengthMs how much of a recording to play, milliseconds; below 0 = to its end
 * @param messageStreamId the RTMP message stream it came on
 */
public record PlayRequest(
    String app,
    String name,
    Map<String, String> params,
    Start start,
    double startMs,
    double lengthMs,
    int messageStreamId) {

  /** What the peer's start argument asks for. Real clients send -2, -2000, -1, -1000 and 0. */
  public enum Start {
    /** -2 or lower, or no argument: live, or a recording when nothing is live. */
    LIVE_OR_RECORDED,
    /** -1 or -1000: live only. */
    LIVE,
    /** 0 or more: a recording from a position; a live stream of that name still plays live. */
    RECORDED
  }

  /** What a play command asks for; a command of another kind asks for all of the stream. */
  static PlayRequest of(Command command, StreamPath path) {
    boolean arguments = command.name().equals("play");
    double start = arguments ? command.value(2).asNumber(-2) : -2;
    double length = arguments ? command.value(3).asNumber(-1) : -1;
    return new PlayRequest(
        path.app(),
        path.name(),
        path.params(),
        startOf(start),
        start,
        length,
        command.messageStreamId());
  }

  private static Start startOf(double start) {
    if (start >= 0) {
      return Start.RECORDED;
    }
    return start == -1 || start == -1000 ? Start.LIVE : Start.LIVE_OR_RECORDED;
  }

  /** Where in a recording to start, milliseconds. */
  public long recordingStartMs() {
    return startMs > 0 && startMs < 1e12 ? (long) startMs : 0;
  }

  /** How much of a recording to play, milliseconds; -1 = to its end. */
  public long recordingLengthMs() {
    return lengthMs >= 0 && lengthMs < 1e12 ? (long) lengthMs : -1;
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
