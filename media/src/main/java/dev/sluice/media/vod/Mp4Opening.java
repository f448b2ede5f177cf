package dev.sluice.media.vod;

import dev.sluice.media.mp4.Movie;
import dev.sluice.media.mp4.Mp4Exception;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What an MP4 file says of itself: goes from box to box by their lengths until it finds the {@code
 * moov}, before or behind the media, and reads that.
 *
 * <p>Pure; one caller.
 */
public final class Mp4Opening implements FileProbe {
  private static final int HEAD_BYTES = 16;
  private static final int SHORT_HEAD_BYTES = 8;
  private static final int MAX_BOXES = 1000;

  private final long fileBytes;
  private long position;
  private int boxes;
  private byte @Nullable [] moov;
  private int read;
  private boolean done;
  private @Nullable Movie movie;
  private String refusal = "";

  /**
   * The opening of a file that was not looked at yet.
   *
   * @param fileBytes its length
   */
  public Mp4Opening(long fileBytes) {
    this.fileBytes = fileBytes;
    if (fileBytes < SHORT_HEAD_BYTES) {
      refuse("The file is empty or cut short.");
    }
  }

  @Override
  public boolean done() {
    return done;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int bytes() {
    return moov == null ? HEAD_BYTES : Math.min(MAX_BYTES, moov.length - read);
  }

  @Override
  public void look(ByteBuf part) {
    byte[] into = moov;
    if (into == null) {
      head(part);
      return;
    }
    int some = Math.min(part.readableBytes(), into.length - read);
    part.getBytes(part.readerIndex(), into, read, some);
    read += some;
    position += some;
    if (read == into.length) {
      finish(into);
    }
  }

  private void head(ByteBuf part) {
    int at = part.readerIndex();
    if (part.readableBytes() < SHORT_HEAD_BYTES || ++boxes > MAX_BOXES) {
      refuse("The file has no moov box.");
      return;
    }
    long length = part.getUnsignedInt(at);
    boolean wide = length == 1 && part.readableBytes() >= HEAD_BYTES;
    int head = wide ? HEAD_BYTES : SHORT_HEAD_BYTES;
    length = wide ? part.getLong(at + SHORT_HEAD_BYTES) : length == 0 ? left() : length;
    if (length < head || length > left()) {
      refuse("The file is no MP4 file, or is cut short.");
      return;
    }
    String type = part.toString(at + 4, 4, StandardCharsets.ISO_8859_1);
    if (!type.equals("moov")) {
      position += length;
      if (left() < SHORT_HEAD_BYTES) {
        refuse("The file has no moov box.");
      }
    } else if (length - head > Movie.MAX_BYTES || length == head) {
      refuse("The file's moov box has " + (length - head) + " bytes, which is too many or none.");
    } else {
      moov = new byte[(int) (length - head)];
      position += head;
    }
  }

  private long left() {
    return fileBytes - position;
  }

  private void finish(byte[] read) {
    moov = null;
    try {
      movie = Movie.of(Unpooled.wrappedBuffer(read), fileBytes);
      done = true;
    } catch (Mp4Exception e) {
      refuse("This MP4 file cannot be played: " + e.getMessage() + ".");
    }
  }

  private void refuse(String why) {
    done = true;
    refusal = why;
  }

  /** What was found; null while it is looked for, or when the file is refused. */
  public @Nullable Movie movie() {
    return movie;
  }

  /** Why it is refused, as a sentence; empty when it is not. */
  public String refusal() {
    return refusal;
  }
}
