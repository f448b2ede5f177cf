package dev.sluice.media.rtmp;

import dev.sluice.media.amf.AmfValue;

/**
 * What a peer of a server session says as a viewer, and what it is answered.
 *
 * <p>Threading: confined to the session's loop. Pure.
 */
final class PlayCommands {
  private static final double MAX_SEEK_MS = 1e12;

  private final ServerRole role;
  private final ServerAnswers answers;
  private final ServerEvents events;

  /** Whether it is a file that is played. */
  private boolean recorded;

  /** Commands of a peer that has said none. */
  PlayCommands(ServerRole role, ServerAnswers answers, ServerEvents events) {
    this.role = role;
    this.answers = answers;
    this.events = events;
  }

  // ---- from the peer

  /** The stream that a play command names. */
  static String nameIn(Command command) {
    if (command.name().equals("play2")) {
      AmfValue name = command.value(1).asProperties().get("streamName");
      return name == null ? "" : name.asString("");
    }
    return command.value(1).asString("");
  }

  /** It asks to play. */
  void play(Command command, StreamPath path) {
    int streamId = command.messageStreamId();
    if (role.publisher() || streamId < 0 || streamId > ChunkEncoder.MEDIA_STREAM_ID) {
      answers.refused(
          streamId, "NetStream.Play.Failed", "One connection plays one stream, on stream id 1.");
      return;
    }
    stop();
    if (!path.fault().isEmpty()) {
      answers.refused(streamId, "NetStream.Play.StreamNotFound", path.fault());
      events.onBadName(ServerEvents.Wish.PLAY, path.printable(), path.fault());
      return;
    }
    role.askPlay(streamId);
    recorded = false;
    events.onPlay(PlayRequest.of(command, path));
  }

  /** How long a file is has to be looked up; a live stream has no length, which is 0. */
  void askLength(Command command, StreamPath path) {
    if (path.fault().isEmpty()) {
      events.onGetStreamLength(PlayRequest.of(command, path), command.transaction());
    } else {
      answers.number(command.transaction(), 0);
    }
  }

  void pause(Command command) {
    if (role.playing()) {
      boolean paused = command.value(1).asBoolean(true);
      answers.paused(role.streamId(), paused);
      events.onPause(paused);
    }
  }

  void seek(Command command) {
    if (!role.playing()) {
      return;
    }
    if (!recorded) {
      answers.seekHeard(role.streamId());
    }
    double wanted = command.value(1).asNumber(0);
    events.onSeek(wanted > 0 && wanted < MAX_SEEK_MS ? (long) wanted : 0);
  }

  /** It stops, asks for something else, or its connection is gone. */
  void stop() {
    if (role.viewer()) {
      role.end();
      events.onStop();
    }
  }

  // ---- from this side

  /** It gets what it asked for: a file, or a live stream. */
  void accept(boolean file) {
    if (role.playWaiting()) {
      role.accept();
      recorded = file;
      answers.playAccepted(role.streamId(), file);
    }
  }

  /** It does not get what it asked for. */
  void reject(String code, String description) {
    if (role.playWaiting()) {
      refuse(code, description);
    }
  }

  /** What follows is from where it sought in a file. */
  void notifySeek() {
    if (role.playing()) {
      answers.sought(role.streamId());
    }
  }

  /** All of a file was sent. */
  void complete() {
    if (role.playing()) {
      answers.completed(role.streamId());
    }
  }

  /** What it plays goes on, but not here. */
  void fail(String description) {
    if (role.playing()) {
      refuse("NetStream.Play.Failed", description);
    }
  }

  /** The publisher of what it plays has ended. */
  void end(String reason) {
    if (role.playing()) {
      role.end();
      answers.playEnded(role.streamId(), reason);
    }
  }

  private void refuse(String code, String description) {
    role.refuse();
    answers.refused(role.streamId(), code, description);
  }
}
