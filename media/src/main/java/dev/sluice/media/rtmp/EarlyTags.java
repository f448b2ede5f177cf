package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher sent before it was accepted and cannot be sent again: the last metadata and
 * sequence headers. Holds at most three tags, each of limited size, as copies.
 */
final class EarlyTags {
  private final int maxTagBytes;
  private @Nullable FlvTag script;
  private @Nullable FlvTag video;
  private @Nullable FlvTag audio;

  EarlyTags(int maxTagBytes) {
    this.maxTagBytes = maxTagBytes;
  }

  /** Keeps a copy of the tag when it is worth it. Borrows {@code tag}. */
  void offer(FlvTag tag) {
    if (tag.payloadBytes() > maxTagBytes || !(tag.script() || tag.sequenceHeader())) {
      return;
    }
    FlvTag copy = new FlvTag(tag.type(), tag.timestampMs(), tag.payload().copy());
    switch (tag.type()) {
      case SCRIPT -> {
        release(script);
        script = copy;
      }
      case VIDEO -> {
        release(video);
        video = copy;
      }
      case AUDIO -> {
        release(audio);
        audio = copy;
      }
    }
  }

  /** Hands out what is kept, borrowed, and forgets it. */
  void drain(Consumer<FlvTag> sink) {
    @Nullable FlvTag[] tags = {script, video, audio};
    script = null;
    video = null;
    audio = null;
    try {
      for (FlvTag tag : tags) {
        if (tag != null) {
          sink.accept(tag);
        }
      }
    } finally {
      for (FlvTag tag : tags) {
        release(tag);
      }
    }
  }

  /** Forgets what is kept. */
  void clear() {
    drain(tag -> {});
  }

  private static void release(@Nullable FlvTag tag) {
    if (tag != null) {
      tag.release();
    }
  }
}
