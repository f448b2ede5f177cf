package dev.sluice.origin.files;

import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.media.vod.VodSegments;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How one version of a stored file is played over HLS: which segments there are, and how each is
 * made.
 *
 * <p>Threading: immutable; methods that take a file block.
 */
interface HlsPlan {
  /** No segment but the last is shorter. */
  int LEAST_MS = 4_000;

  /** What any plan has in memory beside its lists. */
  int SMALL_BYTES = 4096;

  /**
   * A plan, or none for a file that is not for HLS.
   *
   * @param refusal why there is none, as a sentence; empty where there is one
   */
  record Made(@Nullable HlsPlan plan, String refusal) {
    long heldBytes() {
      return plan == null ? SMALL_BYTES : SMALL_BYTES + plan.heldBytes();
    }
  }

  /** Makes it of an open file, which stays the caller's. */
  static Made of(OpenFile file) throws IOException {
    if (file.path().value().endsWith(".mp4")) {
      return Mp4Plan.of(file.content(), file.size());
    }
    FlvPlan plan = FlvPlan.of(file.content(), file.size());
    return new Made(
        plan,
        plan == null
            ? "This file is no FLV file, has no keyframe, its clock stands still, or MP4 cannot carry"
                + " its codecs."
            : "");
  }

  /** The segments. */
  VodSegments segments();

  /**
   * What players of MP4 read first.
   *
   * @param config of which configuration of codecs, see {@link VodSegments.Segment#config}
   * @return null when there is none of that number
   */
  byte @Nullable [] init(int config);

  /** Why it cannot be had as MPEG-TS, as a sentence; null when it can. */
  @Nullable String tsRefusal();

  /**
   * Makes a segment.
   *
   * @param ts as MPEG-TS rather than MP4
   * @throws IOException also when the file cannot be played there: damaged, or another codec
   */
  byte[] segment(ReadableFile file, int number, boolean ts) throws IOException;

  /** What its lists have in memory, about. */
  default long heldBytes() {
    return segments().heldBytes();
  }

  /** How many segments there are. */
  default int size() {
    return segments().all().size();
  }

  /** Bytes that are read to make a segment. */
  default long bytesOf(int number) {
    VodSegments.Segment segment = segments().all().get(number);
    return segment.byteTo() - segment.byteFrom();
  }
}
