package dev.sluice.media.live.fanout;

/**
 * Which tracks a viewer wants, as RTMP's {@code receiveAudio} and {@code receiveVideo} say it.
 *
 * @param audio whether it wants sound
 * @param video whether it wants pictures
 */
public record TrackChoice(boolean audio, boolean video) {
  /** Everything, as at the start. */
  public static final TrackChoice ALL = new TrackChoice(true, true);

  /** The same with sound on or off. */
  public TrackChoice withAudio(boolean on) {
    return new TrackChoice(on, video);
  }

  /** The same with pictures on or off. */
  public TrackChoice withVideo(boolean on) {
    return new TrackChoice(audio, on);
  }
}
