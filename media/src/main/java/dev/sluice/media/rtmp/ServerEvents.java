package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;
import java.util.Locale;

/**
 * What a peer does on a server session. Called from inside {@link RtmpServerSession#receive} and
 * {@link RtmpServerSession#close}; answers may be given at once or later, on the same thread.
 */
public interface ServerEvents {
  /** What a peer wants with a stream. */
  enum Wish {
    /** To send it. */
    PUBLISH,
    /** To get it. */
    PLAY;

    /** Lower case, for logs. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

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

  /**
   * The peer named no stream, or in a way that is not taken. The session has refused it.
   *
   * @param stream what it named, fit to be printed
   * @param why a sentence for the peer's operator
   */
  default void onBadName(Wish wish, String stream, String why) {}

  /**
   * The peer has to log in, or showed a wrong password when it did.
   *
   * @param guess whether it showed one
   * @param answer refuses it; to be run once, at once or later
   */
  default void onLoginRefused(boolean guess, Runnable answer) {
    answer.run();
  }

  /**
   * The viewer asks how long a stream is, usually before it plays it. Answer each question with
   * {@link RtmpServerSession#answerStreamLength}, at once or later.
   */
  void onGetStreamLength(PlayRequest request, double transaction);

  /** The viewer paused or went on. */
  default void onPause(boolean paused) {}

  /**
   * The viewer wants to go on from a position. In a file it is answered with {@link
   * RtmpServerSession#notifySeek()}, once the place is found.
   */
  default void onSeek(long timeMs) {}

  /**
   * The peer answered a ping.
   *
   * @param answered what {@link RtmpServerSession#sendPing} was given, its low 32 bits
   */
  default void onPong(int answered) {}

  /** The viewer told its buffer length in milliseconds. */
  default void onSetBuffer(long bufferMs) {}

  /** The viewer switched audio on or off. */
  default void onReceiveAudio(boolean on) {}

  /** The viewer switched video on or off. */
  default void onReceiveVideo(boolean on) {}
}
