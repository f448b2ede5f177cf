package dev.sluice.media.segment;

import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cut in a live stream, as its origin decided it: the body of a script tag that goes before the
 * first tag of a part, or after the last tag of a stretch. The last values describe the part that
 * ends here, the others the one that begins.
 *
 * <p>On the wire: the name {@value #NAME} and {@value #NUMBERS} AMF0 numbers in the order of the
 * components, the version ({@value #VERSION}) first, and behind them {@link MarkNotes}. A later
 * version may add values at the end.
 *
 * @param incarnation names this run of the stream at its origin: 1 to 2^52
 * @param wallZeroMs the time of day of stream time 0, in milliseconds since the Unix epoch; the
 *     same in all marks of an incarnation
 * @param timeMs stream time at which the part begins, in milliseconds, which may be before its
 *     first tag; of a mark that ends a stretch, the time at which it ends. Unless that is
 *     discontinuous, a part begins where the one before it ends
 * @param msn media sequence number of the segment
 * @param part number of the part in its segment, from 0
 * @param discontinuity the discontinuity sequence number of the segment
 * @param independent the part begins with a keyframe, or has no pictures at all
 * @param discontinuous what begins here does not go on from what ends here
 * @param endsStretch nothing begins here: the publisher is gone; {@code msn} and {@code part} are
 *     those that would have come next
 * @param targetMs no segment of the incarnation is longer, but for half a second; 0 while it is not
 *     known
 * @param partTargetMs no part of the incarnation is longer; 0 while it is not known
 * @param audioAnchor samples, on the audio track's clock since stream time 0, at which the first
 *     audio tag of the part begins; {@link #NO_AUDIO} without audio, and where that tag's own time
 *     says it: see {@link AudioGrid}
 * @param config which sequence headers the part needs: {@link #configOf} of them
 * @param endMs stream time at which the part that ends here ends, or {@link #NOTHING_ENDS}
 * @param tags number of media tags in the part that ends here
 * @param digest the {@link PartDigest} of those tags, 32 bits
 * @param notes what is said besides
 */
public record SegmentMark(
    long incarnation,
    long wallZeroMs,
    long timeMs,
    long msn,
    int part,
    long discontinuity,
    boolean independent,
    boolean discontinuous,
    boolean endsStretch,
    int targetMs,
    int partTargetMs,
    long audioAnchor,
    long config,
    long endMs,
    int tags,
    long digest,
    MarkNotes notes) {
  /** Name of the script data. */
  public static final String NAME = FlvTag.MARK_NAME;

  /** {@link #audioAnchor} where there is none. */
  public static final long NO_AUDIO = -1;

  /** {@link #endMs} of a mark before which there was nothing. */
  public static final long NOTHING_ENDS = -1;

  private static final int VERSION = 1;
  private static final int NUMBERS = 15;
  private static final long MAX = 1L << 52;
  private static final int INDEPENDENT = 1;
  private static final int DISCONTINUOUS = 2;
  private static final int ENDS_STRETCH = 4;
  private static final int NUMBER_BYTES = 9;
  private static final int CONFIG_SHIFT = 12;
  private static final AmfLimits LIMITS = AmfLimits.DEFAULT;
  private static final byte[] NAME_AMF =
      ("\2\0" + (char) NAME.length() + NAME).getBytes(StandardCharsets.ISO_8859_1);

  /** A mark without notes. */
  public SegmentMark(
      long incarnation,
      long wallZeroMs,
      long timeMs,
      long msn,
      int part,
      long discontinuity,
      boolean independent,
      boolean discontinuous,
      boolean endsStretch,
      int targetMs,
      int partTargetMs,
      long audioAnchor,
      long config,
      long endMs,
      int tags,
      long digest) {
    this(
        incarnation,
        wallZeroMs,
        timeMs,
        msn,
        part,
        discontinuity,
        independent,
        discontinuous,
        endsStretch,
        targetMs,
        partTargetMs,
        audioAnchor,
        config,
        endMs,
        tags,
        digest,
        MarkNotes.NONE);
  }

  /** The same with notes. */
  public SegmentMark with(MarkNotes said) {
    return new SegmentMark(
        incarnation,
        wallZeroMs,
        timeMs,
        msn,
        part,
        discontinuity,
        independent,
        discontinuous,
        endsStretch,
        targetMs,
        partTargetMs,
        audioAnchor,
        config,
        endMs,
        tags,
        digest,
        said);
  }

  /** Whether the body of a script tag is a mark, of any version. Borrows it. */
  public static boolean isMark(ByteBuf body) {
    return body.readableBytes() >= NAME_AMF.length
        && ByteBufUtil.equals(
            body, body.readerIndex(), Unpooled.wrappedBuffer(NAME_AMF), 0, NAME_AMF.length);
  }

  /**
   * Reads the body of a script tag. Borrows it and leaves its indices alone.
   *
   * @return null when it is no mark, or one that cannot be true
   */
  public static @Nullable SegmentMark decode(ByteBuf body) {
    if (!isMark(body)) {
      return null;
    }
    try {
      List<AmfValue> all = Amf0.decodeAll(body.duplicate(), LIMITS);
      long[] numbers = new long[NUMBERS];
      for (int i = 0; i < NUMBERS; i++) {
        if (!(all.get(i + 1) instanceof AmfValue.Num(double number))
            || !(number >= -1 && number <= MAX && number == Math.rint(number))) {
          return null;
        }
        numbers[i] = (long) number;
      }
      return numbers[0] < VERSION
          ? null
          : of(numbers, MarkNotes.of(all.subList(NUMBERS + 1, all.size())));
    } catch (AmfException | IndexOutOfBoundsException e) {
      return null;
    }
  }

  private static @Nullable SegmentMark of(long[] n, MarkNotes notes) {
    boolean inRange =
        n[1] > 0
            && n[2] >= 0
            && n[3] >= 0
            && n[4] >= 0
            && n[5] >= 0
            && n[6] >= 0
            && n[7] >= 0
            && n[8] >= 0
            && n[9] >= 0
            && n[11] >= 0
            && n[13] >= 0
            && n[14] >= 0
            && n[5] <= Integer.MAX_VALUE
            && n[8] <= Integer.MAX_VALUE
            && n[9] <= Integer.MAX_VALUE
            && n[13] <= Integer.MAX_VALUE
            && n[14] <= 0xFFFFFFFFL;
    if (!inRange) {
      return null;
    }
    int flags = (int) n[7];
    return new SegmentMark(
        n[1],
        n[2],
        n[3],
        n[4],
        (int) n[5],
        n[6],
        (flags & INDEPENDENT) != 0,
        (flags & DISCONTINUOUS) != 0,
        (flags & ENDS_STRETCH) != 0,
        (int) n[8],
        (int) n[9],
        n[10],
        n[11],
        n[12],
        (int) n[13],
        n[14],
        notes);
  }

  /** Writes the body of a script tag, on the heap. */
  public ByteBuf encode() {
    ByteBuf out = Unpooled.buffer(NAME_AMF.length + NUMBERS * NUMBER_BYTES);
    out.writeBytes(NAME_AMF);
    int flags =
        (independent ? INDEPENDENT : 0)
            | (discontinuous ? DISCONTINUOUS : 0)
            | (endsStretch ? ENDS_STRETCH : 0);
    long[] numbers = {
      VERSION,
      incarnation,
      wallZeroMs,
      timeMs,
      msn,
      part,
      discontinuity,
      flags,
      targetMs,
      partTargetMs,
      audioAnchor,
      config,
      endMs,
      tags,
      digest
    };
    for (long number : numbers) {
      Amf0.encode(out, new AmfValue.Num(number));
    }
    for (AmfValue note : notes.values()) {
      Amf0.encode(out, note);
    }
    return out;
  }

  /**
   * Names the sequence headers that a part needs: equal for equal headers, 1 to 2^52. Borrows them.
   *
   * @param headers those of the tracks that are put into parts, video first
   */
  public static long configOf(List<FlvTag> headers) {
    MessageDigest sha = sha256();
    for (FlvTag header : headers) {
      byte[] body = ByteBufUtil.getBytes(header.payload());
      sha.update((byte) header.type().code());
      sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(body.length).flip());
      sha.update(body);
    }
    return (ByteBuffer.wrap(sha.digest()).getLong() >>> CONFIG_SHIFT) + 1;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** Whether this begins a segment. */
  public boolean beginsSegment() {
    return part == 0 && !endsStretch;
  }
}
