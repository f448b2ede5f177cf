package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;
import java.util.function.Consumer;

/**
 * What a peer of a server session says as a publisher, and what it is answered.
 *
 * <p>Threading: confined to the session's loop. Pure.
 */
final class PublishCommands {
  private static final String BAD_NAME = "NetStream.Publish.BadName";

  private final ServerRole role;
  private final ServerAnswers answers;
  private final ServerEvents events;
  private final ConnectLogin login;
  private boolean saysFcPublish;

  /** Commands of a peer that has said none. */
  PublishCommands(ServerRole role, ServerAnswers answers, ServerEvents events, ConnectLogin login) {
    this.role = role;
    this.answers = answers;
    this.events = events;
    this.login = login;
  }

  // ---- from the peer

  /** It asks to publish. */
  void publish(StreamPath path, int streamId) {
    if (role.viewer() || (role.publisher() && streamId != role.streamId())) {
      answers.refused(streamId, BAD_NAME, "This connection has another stream open.");
      return;
    }
    endRole(true);
    if (!path.fault().isEmpty()) {
      answers.refused(streamId, BAD_NAME, path.fault());
      events.onBadName(ServerEvents.Wish.PUBLISH, path.printable(), path.fault());
      return;
    }
    role.askPublish(streamId);
    events.onPublish(
        new PublishRequest(
            login.publishApp(path.app()), path.name(), login.publishParams(path), streamId));
  }

  /** It speaks as FMLE does. */
  void fcPublish(Command command) {
    saysFcPublish = true;
    answers.acknowledge(command);
  }

  /** FMLE ends, and waits for its own kind of answer. */
  void fcUnpublish(Command command) {
    answers.acknowledge(command);
    if (role.publisher() && saysFcPublish) {
      answers.fcPublishEnded();
    }
    endStream(role.streamId());
  }

  /** It ends a message stream, and with it what it publishes there. */
  void endStream(int streamId) {
    if (role.publisher() && streamId == role.streamId()) {
      answers.publishEnded(streamId);
      endRole(true);
    }
  }

  /** It sent a tag. Borrows it. */
  void onTag(FlvTag tag) {
    if (role.publishing()) {
      events.onTag(tag);
    } else {
      role.keepEarly(tag);
    }
  }

  /** Its connection is gone. */
  void lose() {
    endRole(false);
  }

  // ---- from this side

  /** It may publish; what was kept of its headers goes before its media. */
  void accept(Consumer<FlvTag> tags) {
    if (role.publishWaiting()) {
      role.accept();
      answers.publishAccepted(role.streamId(), saysFcPublish);
      role.early().forEach(tags);
      role.forgetEarly();
    }
  }

  /** It may not publish. */
  void reject(String code, String description) {
    if (role.publishWaiting()) {
      refuse(code, description);
    }
  }

  /** It may not go on. */
  void end(String code, String description) {
    if (role.publishing()) {
      refuse(code, description);
    }
  }

  /** Something is wrong with what it sends. */
  void warn(String description) {
    if (role.publishing()) {
      answers.warned(role.streamId(), description);
    }
  }

  private void refuse(String code, String description) {
    role.refuse();
    answers.refused(role.streamId(), code, description);
  }

  private void endRole(boolean explicit) {
    if (role.publisher()) {
      role.end();
      role.forgetEarly();
      events.onUnpublish(explicit);
    }
  }
}
