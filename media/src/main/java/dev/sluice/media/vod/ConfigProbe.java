package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what stands before each keyframe of a file's index, which is where an encoder that was
 * restarted puts its new sequence headers: a file that has one is not as its opening says, and only
 * a {@link KeyframeScan} tells how it is. Reads {@value #WINDOW_BYTES} bytes for each keyframe,
 * nothing of our own recordings.
 *
 * <p>Pure; one caller.
 */
public final class ConfigProbe implements FileProbe {
  /** With more keyframes all of the file is as soon read. */
  private static final int MOST_KEYFRAMES = 1 << 13;

  /** A property of our own recordings alone, which have one configuration each. */
  private static final String RECORDED = "spacer";

  private static final int WINDOW_BYTES = 1024;
  private static final int SIZE_BYTES = 4;

  private final FlvOpening file;
  private final @Nullable KeyframeIndex index;
  private final @Nullable FlvTag video;
  private final @Nullable FlvTag audio;
  private int next;
  private boolean changes;

  /** Of a file with an index, of which nothing was looked at. */
  public ConfigProbe(FlvOpening file) {
    this.file = file;
    this.index = file.index();
    this.video = file.pictureConfig();
    this.audio = file.soundConfig();
    changes = index == null || index.size() > MOST_KEYFRAMES;
    next = file.metadata().containsKey(RECORDED) && index != null ? index.size() : 0;
    skip();
  }

  private void skip() {
    while (index != null && next < index.size() && !within(index.position(next))) {
      next++;
    }
  }

  private boolean within(long position) {
    return position > file.firstTag() && position <= file.fileBytes();
  }

  @Override
  public boolean done() {
    return changes || index == null || next >= index.size();
  }

  @Override
  public long position() {
    long keyframe = index == null ? file.firstTag() : index.position(next);
    return Math.max(file.firstTag(), keyframe - WINDOW_BYTES);
  }

  @Override
  public int bytes() {
    return index == null ? 1 : (int) (index.position(next) - position());
  }

  /** Whether another sequence header than the opening's was seen, or it cannot be told so. */
  public boolean changes() {
    return changes;
  }

  /** Goes back tag by tag, to the picture before. */
  @Override
  public void look(ByteBuf part) {
    int at = part.writerIndex();
    while (at - part.readerIndex() >= TagHeader.OVERHEAD_BYTES) {
      long size = part.getUnsignedInt(at - SIZE_BYTES);
      if (size > at - SIZE_BYTES - part.readerIndex()) {
        break; // longer than a header is
      }
      int begin = at - SIZE_BYTES - (int) size;
      TagHeader header = TagHeader.read(part, begin);
      boolean whole = header != null && header.bodyBytes() + TagHeader.BYTES == size;
      if (header == null || !whole || (header.type() == TagType.VIDEO && header.media())) {
        break;
      }
      if (header.header()) {
        ByteBuf body = part.slice(begin + TagHeader.BYTES, header.bodyBytes());
        FlvTag tag = new FlvTag(header.type(), header.timeMs(), body);
        FlvTag known = tag.video() ? video : audio;
        changes |=
            known == null
                || (known.track() == tag.track() && !known.payload().equals(tag.payload()));
      }
      at = begin;
    }
    next++;
    skip();
  }
}
