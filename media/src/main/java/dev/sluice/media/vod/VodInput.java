package dev.sluice.media.vod;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The file of one playback, and how far it is read.
 *
 * <p>Threading: confined to the file's loop. Owns the file.
 */
final class VodInput implements AutoCloseable {
  static final int READ_BYTES = 64 << 10;

  private final VodFile file;
  private final FlvOpening opening;
  private long position;
  private boolean reading;

  /** A file to be read from its first tag on. */
  VodInput(VodFile file, FlvOpening opening) {
    this.file = file;
    this.opening = opening;
    this.position = opening.firstTag();
  }

  /** What the file's beginning told. */
  FlvOpening opening() {
    return opening;
  }

  /** Finds the place where to play from a media time on. */
  void find(FlvSeek seek, Consumer<@Nullable String> onDone) {
    ProbeRun.run(file, seek, onDone);
  }

  /** Reads on from here. */
  void moveTo(long newPosition) {
    position = newPosition;
  }

  /** Whether a read is under way. */
  boolean reading() {
    return reading;
  }

  /** Whether all is read. */
  boolean atEnd() {
    return position >= file.length();
  }

  /**
   * Reads the next bytes. The reader says with {@link #answered} that it was answered.
   *
   * @return whether that was at once
   */
  boolean read(VodFile.Reader reader) {
    reading = true;
    file.read(position, READ_BYTES, reader);
    return !reading;
  }

  /** A read brought so many bytes; 0 when it failed. */
  void answered(int bytes) {
    reading = false;
    position += bytes;
  }

  @Override
  public void close() {
    file.close();
  }
}
