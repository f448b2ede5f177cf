package dev.sluice.media.fmp4;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.fmp4.InitSegment.Extent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the frames of an MP4 file that can be played while it is fetched:
 *
 * <pre>
 * ftyp | moov: mvhd, trak (pictures), trak (sound) | mdat: length 64, then the frames
 * </pre>
 *
 * <p>Frames lie in the order of their table, a chunk for each stretch of one track. Equal tables
 * and headers give equal bytes.
 *
 * <p>Threading: pure.
 */
public final class MovieHead {
  private static final int MDAT_HEAD = 16;

  private final FrameTable frames;

  private MovieHead(FrameTable frames) {
    this.frames = frames;
  }

  /**
   * Makes it.
   *
   * @param videoHeader as for {@link InitSegment#of}
   * @param audioHeader as for {@link InitSegment#of}
   * @return null when no track can be carried, or there are no frames
   */
  public static byte @Nullable [] of(
      FrameTable frames, @Nullable FlvTag videoHeader, @Nullable FlvTag audioHeader) {
    Mp4Track video = Mp4Track.video(videoHeader);
    Mp4Track audio = Mp4Track.audio(audioHeader);
    MovieHead head = new MovieHead(frames);
    Samples pictures = head.new Samples(true, video);
    Samples sounds = head.new Samples(false, audio);
    if (pictures.numbers.isEmpty() && sounds.numbers.isEmpty()) {
      return null;
    }
    CodecInfo info = videoHeader == null ? null : CodecInfo.of(videoHeader);
    CodecInfo picture = info == null ? InitSegment.UNKNOWN : info;
    int size = head.write(0, pictures, sounds, picture).readableBytes();
    return ByteBufUtil.getBytes(head.write(size, pictures, sounds, picture));
  }

  private ByteBuf write(long dataAt, Samples pictures, Samples sounds, CodecInfo picture) {
    ByteBuf bytes = Unpooled.buffer(1024 + 16 * frames.count());
    BoxWriter out = new BoxWriter(bytes);
    int ftyp = out.begin("ftyp");
    out.type("isom").u32(512).type("isom").type("iso2").type("mp41").end(ftyp);
    int moov = out.begin("moov");
    long begins = Math.min(pictures.beginMs(), sounds.beginMs());
    long ends = Math.max(pictures.endMs(), sounds.endMs());
    InitSegment.movieHeader(out, ends - begins);
    for (Samples each : List.of(pictures, sounds)) {
      Mp4Track track = each.track;
      if (track != null && !each.numbers.isEmpty()) {
        Extent extent =
            new Extent(
                each.beginMs() - begins,
                each.endMs() - each.beginMs(),
                each.end() - each.decode(0));
        InitSegment.track(out, track, picture, extent, to -> each.tables(to, dataAt));
      }
    }
    out.end(moov);
    out.u32(1).type("mdat").u64(MDAT_HEAD + frames.bytes());
    return bytes;
  }

  /** The frames of one track. */
  private final class Samples {
    private final @Nullable Mp4Track track;
    private final Numbers numbers = new Numbers();

    Samples(boolean video, @Nullable Mp4Track track) {
      this.track = track;
      for (int i = 0; i < frames.count() && track != null; i++) {
        if (frames.video(i) == video) {
          numbers.add(i);
        }
      }
    }

    long decode(int sample) {
      return frames.decode(numbers.get(sample));
    }

    private long duration(int sample) {
      int last = numbers.size() - 1;
      return sample < last
          ? decode(sample + 1) - decode(sample)
          : last > 0 ? Math.max(1, decode(last) - decode(last - 1)) : 1;
    }

    long end() {
      int last = numbers.size() - 1;
      return decode(last) + duration(last);
    }

    long beginMs() {
      return numbers.isEmpty() || track == null
          ? Long.MAX_VALUE
          : decode(0) * 1000 / track.timescale();
    }

    long endMs() {
      return numbers.isEmpty() || track == null ? 0 : end() * 1000 / track.timescale();
    }

    void tables(BoxWriter out, long dataAt) {
      int count = numbers.size();
      int stts = out.begin("stts", 0, 0);
      runs(out, this::duration);
      out.end(stts);
      boolean shifted = false;
      boolean all = true;
      for (int i = 0; i < count; i++) {
        shifted |= frames.shift(numbers.get(i)) != 0;
        all &= frames.sync(numbers.get(i));
      }
      if (shifted) {
        int ctts = out.begin("ctts", 1, 0);
        runs(out, i -> frames.shift(numbers.get(i)));
        out.end(ctts);
      }
      if (!all) {
        int stss = out.begin("stss", 0, 0);
        int at = out.index();
        int syncs = 0;
        out.u32(0);
        for (int i = 0; i < count; i++) {
          if (frames.sync(numbers.get(i))) {
            out.u32(i + 1);
            syncs++;
          }
        }
        out.setInt(at, syncs).end(stss);
      }
      chunks(out, dataAt);
      int stsz = out.begin("stsz", 0, 0);
      out.u32(0).u32(count);
      for (int i = 0; i < count; i++) {
        out.u32(frames.bytes(numbers.get(i)));
      }
      out.end(stsz);
    }

    private void runs(BoxWriter out, IntToLongFunction value) {
      int at = out.index();
      int runs = 0;
      out.u32(0);
      int i = 0;
      while (i < numbers.size()) {
        long each = value.applyAsLong(i);
        int from = i;
        while (i < numbers.size() && value.applyAsLong(i) == each) {
          i++;
        }
        out.u32(i - from).u32((int) each);
        runs++;
      }
      out.setInt(at, runs);
    }

    /** A chunk is a stretch of frames of this track with none of the other between. */
    private void chunks(BoxWriter out, long dataAt) {
      List<Integer> firsts = new ArrayList<>();
      for (int i = 0; i < numbers.size(); i++) {
        if (i == 0 || numbers.get(i) != numbers.get(i - 1) + 1) {
          firsts.add(i);
        }
      }
      int stsc = out.begin("stsc", 0, 0);
      int at = out.index();
      int runs = 0;
      int before = -1;
      out.u32(0);
      for (int i = 0; i < firsts.size(); i++) {
        int next = i + 1 < firsts.size() ? firsts.get(i + 1) : numbers.size();
        int each = next - firsts.get(i);
        if (each != before) {
          out.u32(i + 1).u32(each).u32(1);
          before = each;
          runs++;
        }
      }
      out.setInt(at, runs).end(stsc);
      int offsets = out.begin("co64", 0, 0);
      out.u32(firsts.size());
      for (int first : firsts) {
        out.u64(dataAt + frames.begin(numbers.get(first)));
      }
      out.end(offsets);
    }
  }

  /** Numbers that rise. */
  private static final class Numbers {
    private int[] numbers = new int[256];
    private int count;

    void add(int number) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, count * 2);
      }
      numbers[count++] = number;
    }

    int get(int index) {
      return numbers[index];
    }

    int size() {
      return count;
    }

    boolean isEmpty() {
      return count == 0;
    }
  }
}
