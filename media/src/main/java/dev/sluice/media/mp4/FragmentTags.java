package dev.sluice.media.mp4;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.mp4.Mp4Exception.Reason;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a segment of fragmented MP4 as tags, in the order in which they are decoded, with
 * the times that the segment has. What {@code media.fmp4} has put together is taken apart.
 *
 * <p>Reads what our muxer writes: fragments each with one run a track, that count from their {@code
 * moof}. Ownership: the tags are on the heap and nobody's in particular.
 *
 * <p>Pure; immutable.
 */
public final class FragmentTags {
  /** {@link #audioAnchor} of a segment without sound. */
  public static final long NO_AUDIO = -1;

  private static final int MAX_SAMPLES = 1 << 18;
  private static final int MAX_TRACKS = 2;
  private static final int SYNC_LESS = 1 << 16;
  private static final int DATA_OFFSET = 1;
  private static final int WHOLE_RUN = 0x300; // durations and sizes
  private static final int FLAGS = 0x400;
  private static final int OFFSETS = 0x800;
  private static final int SAMPLE_BYTES = 8;

  private final List<Track> tracks = new ArrayList<>();
  private final List<FlvTag> tags = new ArrayList<>();
  private @Nullable FlvTag firstSound;
  private long audioAnchor = NO_AUDIO;

  private record Track(int id, long timescale, SampleEntry entry) {}

  private FragmentTags() {}

  /**
   * Takes a segment apart.
   *
   * @param init what players read before it. Borrowed
   * @param segment borrowed
   * @throws Mp4Exception when these are not what our muxer writes
   */
  public static FragmentTags of(ByteBuf init, ByteBuf segment) {
    FragmentTags made = new FragmentTags();
    made.tracks(BoxReader.of(init).get("moov"));
    BoxReader boxes = BoxReader.of(segment);
    int begin = boxes.index();
    for (BoxReader box = boxes.next(); box != null; box = boxes.next()) {
      if (box.type().equals("moof")) {
        made.fragment(box, segment, begin);
      }
      begin = boxes.index();
    }
    return made;
  }

  private void tracks(BoxReader moov) {
    for (BoxReader box = moov.next(); box != null; box = moov.next()) {
      if (box.type().equals("trak")) {
        if (tracks.size() == MAX_TRACKS) {
          throw new Mp4Exception(
              Reason.TOO_MANY, "tracks: more (expected: at most " + MAX_TRACKS + ")");
        }
        int id = box.get("tkhd").skip(12).s32();
        long timescale = box.get("mdia", "mdhd").skip(12).u32();
        if (timescale == 0) {
          throw new Mp4Exception(Reason.CONTRADICTION, "timescale: 0 (expected: above 0)");
        }
        SampleEntry entry = SampleEntry.read(box.get("mdia", "minf", "stbl", "stsd"));
        tracks.add(new Track(id, timescale, entry));
      }
    }
  }

  private void fragment(BoxReader moof, ByteBuf in, int begin) {
    List<List<FlvTag>> runs = new ArrayList<>(MAX_TRACKS);
    for (BoxReader box = moof.next(); box != null; box = moof.next()) {
      if (box.type().equals("traf")) {
        runs.add(run(box, in, begin));
      }
    }
    int[] next = new int[runs.size()];
    while (true) {
      int first = -1;
      for (int i = 0; i < runs.size(); i++) {
        boolean earlier =
            next[i] < runs.get(i).size()
                && (first < 0
                    || runs.get(i).get(next[i]).timestampMs()
                        < runs.get(first).get(next[first]).timestampMs());
        first = earlier ? i : first;
      }
      if (first < 0) {
        return;
      }
      tags.add(runs.get(first).get(next[first]++));
    }
  }

  private List<FlvTag> run(BoxReader traf, ByteBuf in, int begin) {
    int id = traf.get("tfhd").skip(4).s32();
    Track track = track(id);
    long decode = traf.get("tfdt").skip(4).u63();
    BoxReader trun = traf.get("trun");
    int flags = trun.versionAndFlags() & 0xFFFFFF;
    if ((flags & WHOLE_RUN) != WHOLE_RUN || (flags & DATA_OFFSET) == 0) {
      throw new Mp4Exception(
          Reason.NOT_READ,
          String.format("trun: flags 0x%06X (expected: a data offset, durations, sizes)", flags));
    }
    boolean flagged = (flags & FLAGS) != 0;
    boolean shifted = (flags & OFFSETS) != 0;
    int count = countSamples(trun, SAMPLE_BYTES + (flagged ? 4 : 0) + (shifted ? 4 : 0));
    long at = begin + (long) trun.s32();
    SampleForm form = track.entry().form();
    if (!form.video() && audioAnchor == NO_AUDIO && count > 0) {
      audioAnchor = decode;
    }
    List<FlvTag> run = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long duration = trun.u32();
      long bytes = trun.u32();
      boolean sync = !flagged || (trun.s32() & SYNC_LESS) == 0;
      int shift = shifted ? trun.s32() : 0;
      if (at < in.readerIndex() || bytes > in.writerIndex() - at) {
        throw new Mp4Exception(
            Reason.CUT_SHORT, "sample at " + at + ": " + bytes + " bytes (expected: fewer)");
      }
      FlvTag tag =
          form.frame(
              millis(decode, track.timescale()),
              (int) millis(shift, track.timescale()),
              sync,
              in,
              (int) at,
              (int) bytes);
      run.add(tag);
      if (firstSound == null && !form.video()) {
        firstSound = tag;
      }
      at += bytes;
      decode += duration;
    }
    return run;
  }

  private int countSamples(BoxReader trun, int each) {
    int index = trun.index();
    long count = trun.u32();
    long room = (trun.remaining() - 4L) / each;
    if (count > room || tags.size() + count > MAX_SAMPLES) {
      throw new Mp4Exception(
          Reason.TOO_MANY,
          "trun at " + index + ": " + count + " samples (expected: at most " + room + ")");
    }
    return (int) count;
  }

  private Track track(int id) {
    for (Track track : tracks) {
      if (track.id() == id) {
        return track;
      }
    }
    throw new Mp4Exception(
        Reason.CONTRADICTION, "traf of track " + id + " (expected: one of moov)");
  }

  private static long millis(long units, long timescale) {
    long whole = Math.floorDiv(units, timescale);
    long rest = Math.floorMod(units, timescale);
    return whole * 1000 + (rest * 1000 + timescale / 2) / timescale;
  }

  /** The sequence header of the pictures; null without. */
  public @Nullable FlvTag video() {
    for (Track track : tracks) {
      if (track.entry().form().video()) {
        return track.entry().header();
      }
    }
    return null;
  }

  /** The sequence header of the sound, or its first frame of codecs that have none. */
  public @Nullable FlvTag audio() {
    for (Track track : tracks) {
      if (!track.entry().form().video()) {
        FlvTag header = track.entry().header();
        return header == null ? firstSound : header;
      }
    }
    return null;
  }

  /** The frames. */
  public List<FlvTag> tags() {
    return List.copyOf(tags);
  }

  /** Where the first frame of sound lies, in samples; {@link #NO_AUDIO}. */
  public long audioAnchor() {
    return audioAnchor;
  }
}
