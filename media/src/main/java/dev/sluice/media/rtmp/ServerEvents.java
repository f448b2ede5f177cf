package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;

/**
 * What a peer does on a server session. Called from inside {@link RtmpServerSession#receive} and
 * {@link RtmpServerSession#close}; answers may be given at once or later, on the same thread.
 */
public interface ServerEvents {
  /** The peer asks to publish; media flows only after {@link RtmpServerSession#acceptPublish()}. */
  void onPublish(PublishRequest request);

  /** The peer asks to play. */
  void onPlay(PlayRequest request);

  /**
   * A tag of an accepted publication, in wire order. Metadata comes as a script tag that starts
   * with {@code onMetaData}. The tag is borrowed: retain it to keep it.
   */
  void onTag(FlvTag tag);

  /**
   * The publication, accepted or still waiting for its answer, is over.
   *
   * @param explicit true when the peer said so; false when the connection ended under it
   */
  void onUnpublish(boolean explicit);

  /** The peer stopped playing, or the connection ended under it. */
  void onStop();

  /** The viewer paused or went on. */
  default void onPause(boolean paused) {}

  /**
   * The viewer wants to go on from a position. In a file it is answered with {@link
   * RtmpServerSession#notifySeek()}, once the place is found.
   */
  default void onSeek(long timeMs) {}

  /** The viewer told its buffer length in milliseconds. */
  default void onSetBuffer(long bufferMs) {}

  /** The viewer switched audio on or off. */
  default void onReceiveAudio(boolean on) {}

  /** The viewer switched video on or off. */
  default void onReceiveVideo(boolean on) {}
}
