package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a publisher sent before it was accepted and cannot be sent again: the last metadata, and of
 * each track the last sequence header and description. Holds at most {@value #MAX_TAGS} tags, each
 * of limited size, as copies.
 */
final class EarlyTags {
  static final int MAX_TAGS = 16;

  private final int maxTagBytes;
  private final Map<Integer, FlvTag> tags = new LinkedHashMap<>();

  EarlyTags(int maxTagBytes) {
    this.maxTagBytes = maxTagBytes;
  }

  /** Keeps a copy of the tag when it is worth it. Borrows {@code tag}. */
  void offer(FlvTag tag) {
    if (tag.payloadBytes() > maxTagBytes || !worthKeeping(tag)) {
      return;
    }
    FlvTag older = tags.remove(tag.headerKind());
    if (older != null) {
      older.release();
    } else if (tags.size() == MAX_TAGS) {
      return;
    }
    tags.put(tag.headerKind(), new FlvTag(tag.type(), tag.timestampMs(), tag.payload().copy()));
  }

  private static boolean worthKeeping(FlvTag tag) {
    return tag.script()
        ? ScriptData.isMetadata(tag.payload())
        : tag.sequenceHeader() || tag.description();
  }

  /** Hands out what is kept, borrowed, metadata first, and forgets it. */
  void drain(Consumer<FlvTag> sink) {
    List<FlvTag> kept = List.copyOf(tags.values());
    tags.clear();
    try {
      for (FlvTag tag : kept) {
        if (tag.script()) {
          sink.accept(tag);
        }
      }
      for (FlvTag tag : kept) {
        if (!tag.script()) {
          sink.accept(tag);
        }
      }
    } finally {
      for (FlvTag tag : kept) {
        tag.release();
      }
    }
  }

  /** Forgets what is kept. */
  void clear() {
    drain(tag -> {});
  }
}
