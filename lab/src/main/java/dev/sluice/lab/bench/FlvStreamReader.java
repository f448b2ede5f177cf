package dev.sluice.lab.bench;

import java.nio.ByteBuffer;

/**
 * Reads an FLV stream (FLV 10.1 annex E) and hands out the head of each tag, skipping payloads.
 *
 * <p>Threading: confined to its viewer's loop.
 */
final class FlvStreamReader {
  private static final int FILE_HEADER = 9 + 4;
  private static final int TAG_HEADER = 11;
  private static final int TRAILER = 4;

  private final MediaSink sink;
  private final byte[] header = new byte[FILE_HEADER];
  private final byte[] head = new byte[MediaSink.HEAD_BYTES];
  private int headerBytes;
  private int headBytes;
  private int headerWanted = FILE_HEADER;
  private int length;
  private int left;

  FlvStreamReader(MediaSink sink) {
    this.sink = sink;
  }

  /**
   * Consumes all that is in the buffer; it may end anywhere in a tag.
   *
   * @throws IllegalStateException when it does not begin as FLV
   */
  void read(ByteBuffer in) {
    while (in.hasRemaining()) {
      if (left > 0) {
        payload(in);
        continue;
      }
      header[headerBytes++] = in.get();
      if (headerBytes == headerWanted) {
        header();
      }
    }
  }

  private void header() {
    headerBytes = 0;
    if (headerWanted == FILE_HEADER) {
      if (header[0] != 'F' || header[1] != 'L' || header[2] != 'V') {
        throw new IllegalStateException("the answer is not FLV");
      }
      headerWanted = TAG_HEADER;
      return;
    }
    length = medium(1);
    left = length + TRAILER;
    headBytes = 0;
  }

  private void payload(ByteBuffer in) {
    int take = Math.min(left, in.remaining());
    int keep = Math.min(take, Math.min(length, head.length) - headBytes);
    if (keep > 0) {
      in.get(in.position(), head, headBytes, keep);
      headBytes += keep;
    }
    in.position(in.position() + take);
    left -= take;
    if (left == 0) {
      long timestampMs = medium(4) | (header[7] & 0xFFL) << 24;
      sink.message(header[0] & 0x1F, timestampMs, length, head, headBytes);
    }
  }

  private int medium(int at) {
    return (header[at] & 0xFF) << 16 | (header[at + 1] & 0xFF) << 8 | (header[at + 2] & 0xFF);
  }
}
