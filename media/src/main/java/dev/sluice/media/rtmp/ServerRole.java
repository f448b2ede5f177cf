package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;

/**
 * The one role that the peer of a server session has at a time, with the message stream it has it
 * on, and the headers that a publisher sent before it was accepted.
 *
 * <pre>
 * NONE --publish--> PUBLISH_WAITING --accepted--> PUBLISHING --.
 *   ^  --play-----> PLAY_WAITING ----accepted---> PLAYING -----|
 *   '------------ refused, ended by either side ---------------'
 * </pre>
 *
 * <p>Threading: confined to the session's loop.
 */
final class ServerRole {
  private enum Stage {
    NONE,
    PUBLISH_WAITING,
    PUBLISHING,
    PLAY_WAITING,
    PLAYING
  }

  private Stage stage = Stage.NONE;
  private int streamId;
  private SequenceHeaders early = SequenceHeaders.NONE;

  /** The message stream of the role, or of the last one. */
  int streamId() {
    return streamId;
  }

  boolean none() {
    return stage == Stage.NONE;
  }

  boolean publishWaiting() {
    return stage == Stage.PUBLISH_WAITING;
  }

  boolean publishing() {
    return stage == Stage.PUBLISHING;
  }

  /** Whether it publishes or asks to. */
  boolean publisher() {
    return publishWaiting() || publishing();
  }

  boolean playWaiting() {
    return stage == Stage.PLAY_WAITING;
  }

  boolean playing() {
    return stage == Stage.PLAYING;
  }

  /** Whether it plays or asks to. */
  boolean viewer() {
    return playWaiting() || playing();
  }

  /** The peer asks to publish. */
  void askPublish(int onStreamId) {
    stage = Stage.PUBLISH_WAITING;
    streamId = onStreamId;
  }

  /** The peer asks to play. */
  void askPlay(int onStreamId) {
    stage = Stage.PLAY_WAITING;
    streamId = onStreamId;
  }

  /** The peer has what it waits for. */
  void accept() {
    stage =
        switch (stage) {
          case PUBLISH_WAITING -> Stage.PUBLISHING;
          case PLAY_WAITING -> Stage.PLAYING;
          case NONE, PUBLISHING, PLAYING -> stage;
        };
  }

  /** The role is over. */
  void end() {
    stage = Stage.NONE;
  }

  /** The role is refused or taken away, and what came for it forgotten. */
  void refuse() {
    end();
    forgetEarly();
  }

  /** Keeps a header of a peer that may yet be accepted as a publisher. Borrows the tag. */
  void keepEarly(FlvTag tag) {
    if (none() || publishWaiting()) {
      early = early.after(tag);
    }
  }

  /** The headers kept so far. */
  SequenceHeaders early() {
    return early;
  }

  /** What was kept is sent on, or nobody wants it any more. */
  void forgetEarly() {
    early = SequenceHeaders.NONE;
  }
}
