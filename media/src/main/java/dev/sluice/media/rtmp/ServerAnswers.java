package dev.sluice.media.rtmp;

import dev.sluice.media.amf.AmfValue;

/**
 * The words of a server session: what publishers and viewers are told of their role, in the codes
 * and the order that real clients wait for (section 7.2.2).
 *
 * <p>Threading: confined to the session's loop.
 */
final class ServerAnswers {
  /** What is published has a fault for which it is not ended; of our own making. */
  static final String WARNING_CODE = "NetStream.Publish.Warning";

  private final MessageWriter writer;

  ServerAnswers(MessageWriter writer) {
    this.writer = writer;
  }

  /** An empty result where one is awaited: an error would make ffmpeg give up. */
  void acknowledge(Command command) {
    if (command.transaction() != 0) {
      writer.sendResult(command.transaction(), AmfValue.Nothing.NULL, AmfValue.Nothing.UNDEFINED);
    }
  }

  void number(double transaction, double value) {
    writer.sendResult(transaction, AmfValue.Nothing.NULL, AmfValue.of(value));
  }

  /**
   * @param saysFcPublish whether the publisher speaks as FMLE does, and waits for its own kind of
   *     answer besides
   */
  void publishAccepted(int streamId, boolean saysFcPublish) {
    if (saysFcPublish) {
      flash("onFCPublish", "NetStream.Publish.Start", "FCPublish accepted.");
    }
    status(streamId, "NetStream.Publish.Start", "Publishing starts.");
  }

  /** Encoders end at an error only; this is for their logs. */
  void warned(int streamId, String description) {
    writer.sendStatus(streamId, "warning", WARNING_CODE, description);
  }

  void publishEnded(int streamId) {
    status(streamId, "NetStream.Unpublish.Success", "Publishing ended.");
  }

  /** The same for a publisher that said FCPublish. */
  void fcPublishEnded() {
    flash("onFCUnpublish", "NetStream.Unpublish.Success", "Publishing ended.");
  }

  void playAccepted(int streamId, boolean recorded) {
    if (recorded) {
      writer.sendUserControl(MessageWriter.STREAM_IS_RECORDED, streamId);
    }
    writer.sendUserControl(MessageWriter.STREAM_BEGIN, streamId);
    status(streamId, "NetStream.Play.Reset", "Playing and resetting.");
    status(streamId, "NetStream.Play.Start", "Playing starts.");
    writer.sendData(
        streamId, AmfValue.of("|RtmpSampleAccess"), AmfValue.of(true), AmfValue.of(true));
  }

  void paused(int streamId, boolean paused) {
    if (paused) {
      status(streamId, "NetStream.Pause.Notify", "Paused.");
    } else {
      status(streamId, "NetStream.Unpause.Notify", "Playing on.");
    }
  }

  /** A live stream has no other place to go to. */
  void seekHeard(int streamId) {
    status(streamId, "NetStream.Seek.Notify", "Seeking.");
  }

  /** What follows is from where the viewer sought. */
  void sought(int streamId) {
    status(streamId, "NetStream.Seek.Notify", "Playing from there.");
    writer.sendUserControl(MessageWriter.STREAM_BEGIN, streamId);
    status(streamId, "NetStream.Play.Start", "Playing from there.");
  }

  /** All of a file was sent. */
  void completed(int streamId) {
    writer.sendData(
        streamId,
        AmfValue.of("onPlayStatus"),
        MessageWriter.info("status", "NetStream.Play.Complete", "The file was sent."));
    writer.sendUserControl(MessageWriter.STREAM_EOF, streamId);
    status(streamId, "NetStream.Play.Stop", "The file was sent.");
  }

  /** A live stream is over. */
  void playEnded(int streamId, String reason) {
    writer.sendUserControl(MessageWriter.STREAM_EOF, streamId);
    status(streamId, "NetStream.Play.UnpublishNotify", reason);
    status(streamId, "NetStream.Play.Stop", reason);
  }

  /** What was asked for cannot be had, or not any longer. */
  void refused(int streamId, String code, String description) {
    writer.sendStatus(streamId, "error", code, description);
  }

  private void status(int streamId, String code, String description) {
    writer.sendStatus(streamId, "status", code, description);
  }

  private void flash(String command, String code, String description) {
    writer.sendCommand(
        0, command, 0, AmfValue.Nothing.NULL, MessageWriter.info("status", code, description));
  }
}
