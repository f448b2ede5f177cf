package dev.sluice.lab.bench;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A stream with the shape of an ordinary one and without a picture: 25 video frames/s, a keyframe
 * each 2 s eight times the size of the others, 43 AAC frames/s of 186 bytes. At 500 kbit/s the
 * keyframes have 15 kB and the others 1.9 kB. Headers and NAL lengths are right, so servers that
 * parse take it; a decoder would not.
 */
final class SyntheticStream implements FrameSource {
  /** Audio, so the least. */
  static final int MIN_BITS_PER_SECOND = 100_000;

  private static final int VIDEO_PERIOD_MS = 40;
  private static final int GOP_FRAMES = 50;
  private static final int KEYFRAME_WEIGHT = 8;
  private static final double AUDIO_PERIOD_MS = 1024 / 44.1;
  private static final int AUDIO_BYTES = 186;
  private static final int VIDEO_HEADER = 5;
  private static final HexFormat HEX = HexFormat.of();

  private static final byte[] AVC_HEADER =
      HEX.parseHex(
          "17000000000142c01effe100196742c01eda0280bfe5c044000003000400000300c83c58ba8001000468ce0fc8");
  private static final byte[] AAC_HEADER = HEX.parseHex("af001210");

  private final int frameBytes;
  private long videoFrames;
  private long audioFrames;

  /**
   * Makes a stream of about this rate.
   *
   * @throws IllegalArgumentException below {@link #MIN_BITS_PER_SECOND}
   */
  SyntheticStream(long bitsPerSecond) {
    if (bitsPerSecond < MIN_BITS_PER_SECOND) {
      throw new IllegalArgumentException(
          "bitrate: " + bitsPerSecond + " (expected: 100000 or more bit/s)");
    }
    double audioPerSecond = AUDIO_BYTES * 1000 / AUDIO_PERIOD_MS;
    double videoPerGop =
        (bitsPerSecond / 8.0 - audioPerSecond) * VIDEO_PERIOD_MS * GOP_FRAMES / 1000;
    frameBytes = (int) (videoPerGop / (GOP_FRAMES - 1 + KEYFRAME_WEIGHT));
  }

  @Override
  public List<Frame> headers() {
    return List.of(
        new Frame(MediaSink.VIDEO, 0, AVC_HEADER.clone(), Frame.NO_STAMP),
        new Frame(MediaSink.AUDIO, 0, AAC_HEADER.clone(), Frame.NO_STAMP));
  }

  @Override
  public Frame next() {
    long videoDue = videoFrames * VIDEO_PERIOD_MS;
    long audioDue = (long) (audioFrames * AUDIO_PERIOD_MS);
    return videoDue <= audioDue ? video(videoDue) : audio(audioDue);
  }

  private Frame video(long dueMs) {
    boolean keyframe = videoFrames++ % GOP_FRAMES == 0;
    byte[] body = new byte[keyframe ? frameBytes * KEYFRAME_WEIGHT : frameBytes];
    Arrays.fill(body, (byte) 0x5A);
    body[0] = (byte) (keyframe ? 0x17 : 0x27);
    body[1] = 1;
    Arrays.fill(body, 2, VIDEO_HEADER, (byte) 0);
    int slice = VIDEO_HEADER + FrameStamp.BYTES;
    int sliceBytes = body.length - slice - 4;
    body[slice] = 0;
    body[slice + 1] = (byte) (sliceBytes >> 16);
    body[slice + 2] = (byte) (sliceBytes >> 8);
    body[slice + 3] = (byte) sliceBytes;
    body[slice + 4] = (byte) (keyframe ? 0x65 : 0x41);
    return new Frame(MediaSink.VIDEO, dueMs, body, VIDEO_HEADER);
  }

  private Frame audio(long dueMs) {
    audioFrames++;
    byte[] body = new byte[AUDIO_BYTES];
    Arrays.fill(body, (byte) 0x21);
    body[0] = (byte) 0xAF;
    body[1] = 1;
    return new Frame(MediaSink.AUDIO, dueMs, body, Frame.NO_STAMP);
  }
}
