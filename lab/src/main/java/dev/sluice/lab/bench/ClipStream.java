package dev.sluice.lab.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An FLV file played in a loop with timestamps that go on rising. AVC frames get room for a stamp;
 * other codecs are sent as they are, without latency.
 */
final class ClipStream implements FrameSource {
  private static final long MAX_FILE_BYTES = 512L << 20;
  private static final int FILE_HEADER = 13;
  private static final int TAG_HEADER = 11;
  private static final int TRAILER = 4;
  private static final int AVC_HEADER = 5;
  private static final int AVC = 7;
  private static final int END_OF_SEQUENCE = 2;
  private static final long LAST_FRAME_MS = 40;

  private final List<Frame> headers = new ArrayList<>();
  private final List<Frame> frames = new ArrayList<>();
  private final long lengthMs;
  private int next;
  private long offsetMs;

  /**
   * Reads the whole file.
   *
   * @throws IOException when it cannot be read, is not FLV, holds no media or is over 512 MiB
   */
  ClipStream(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException(file + ": larger than 512 MiB");
    }
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
    if (in.remaining() < FILE_HEADER || in.get(0) != 'F' || in.get(1) != 'L' || in.get(2) != 'V') {
      throw new IOException(file + ": not an FLV file (make one with ffmpeg … -f flv)");
    }
    in.position(FILE_HEADER);
    while (in.remaining() > TAG_HEADER) {
      int type = in.get(in.position()) & 0x1F;
      int length = medium(in, in.position() + 1);
      long timestampMs = medium(in, in.position() + 4) | (in.get(in.position() + 7) & 0xFFL) << 24;
      in.position(in.position() + TAG_HEADER);
      if (in.remaining() < length + TRAILER) {
        break; // a recording that was cut off
      }
      byte[] body = new byte[length];
      in.get(body);
      in.position(in.position() + TRAILER);
      add(type, timestampMs, body);
    }
    if (frames.isEmpty()) {
      throw new IOException(file + ": no audio or video in it");
    }
    lengthMs = frames.getLast().timestampMs + LAST_FRAME_MS;
  }

  @Override
  public List<Frame> headers() {
    return headers;
  }

  @Override
  public Frame next() {
    if (next == frames.size()) {
      next = 0;
      offsetMs += lengthMs;
    }
    Frame frame = frames.get(next++);
    return new Frame(frame.type, offsetMs + frame.timestampMs, frame.body, frame.stampAt);
  }

  private void add(int type, long timestampMs, byte[] body) {
    if (body.length < 2 || (type != MediaSink.AUDIO && type != MediaSink.VIDEO)) {
      return;
    }
    int codec = body[0] & 15;
    boolean avc = type == MediaSink.VIDEO && body[0] > 0 && codec == AVC;
    boolean aac = type == MediaSink.AUDIO && (body[0] & 0xF0) == 0xA0;
    if (avc && body[1] == END_OF_SEQUENCE) {
      return; // the stream goes on
    }
    if ((avc || aac) && body[1] == 0) {
      headers.add(new Frame(type, 0, body, Frame.NO_STAMP));
    } else if (avc && body[1] == 1 && body.length > AVC_HEADER) {
      frames.add(new Frame(type, timestampMs, withRoom(body), AVC_HEADER));
    } else {
      frames.add(new Frame(type, timestampMs, body, Frame.NO_STAMP));
    }
  }

  private static byte[] withRoom(byte[] body) {
    byte[] roomy = new byte[body.length + FrameStamp.BYTES];
    System.arraycopy(body, 0, roomy, 0, AVC_HEADER);
    int rest = body.length - AVC_HEADER;
    System.arraycopy(body, AVC_HEADER, roomy, AVC_HEADER + FrameStamp.BYTES, rest);
    return roomy;
  }

  private static int medium(ByteBuffer in, int at) {
    return (in.get(at) & 0xFF) << 16 | (in.get(at + 1) & 0xFF) << 8 | (in.get(at + 2) & 0xFF);
  }
}
