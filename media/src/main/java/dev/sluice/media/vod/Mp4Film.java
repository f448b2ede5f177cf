package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.fmp4.InitSegment;
import dev.sluice.media.mp4.Movie;
import dev.sluice.media.mp4.MovieTrack;
import dev.sluice.media.mp4.Sample;
import dev.sluice.media.ts.TsSegment;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a stored MP4 file is cut into segments for HLS: pictures at samples that need no other, as
 * {@link VodSegments} are, with the sound of the same time. A segment is made of its samples alone
 * ({@link Mp4Fragment}), wherever in the file they lie.
 *
 * <p>Times are those of the film moved so that nothing is decoded before 0.
 *
 * <p>Pure; immutable.
 */
public final class Mp4Film {
  private final Movie movie;
  private final @Nullable FlvTag videoHeader;
  private final @Nullable FlvTag audioHeader;
  private final long baseMs;
  private final VodSegments segments;
  private final int[] videoFrom;
  private final int[] audioFrom;

  private Mp4Film(
      Movie movie,
      @Nullable FlvTag videoHeader,
      @Nullable FlvTag audioHeader,
      long baseMs,
      Cut cut) {
    this.movie = movie;
    this.videoHeader = videoHeader;
    this.audioHeader = audioHeader;
    this.baseMs = baseMs;
    this.segments = new VodSegments(cut.segments);
    this.videoFrom = cut.videoFrom.stream().mapToInt(Integer::intValue).toArray();
    this.audioFrom = cut.audioFrom.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The sample by which sound without a header is known; null when there is no need of one. */
  public static @Nullable Sample firstSound(Movie movie) {
    MovieTrack audio = movie.audio();
    if (audio == null || audio.header() != null || audio.count() == 0) {
      return null;
    }
    List<Sample> first = new ArrayList<>(1);
    audio.forEach(0, 1, first::add);
    return first.getFirst();
  }

  /**
   * Cuts a film.
   *
   * @param sound the bytes of {@link #firstSound}, borrowed; null if that is
   * @param leastMs no segment but the last is shorter
   * @return null when there is nothing to begin with, a segment would be too large, or there would
   *     be too many
   */
  public static @Nullable Mp4Film of(Movie movie, @Nullable ByteBuf sound, int leastMs) {
    MovieTrack video = movie.video();
    MovieTrack audio = movie.audio();
    FlvTag audioHeader = audio == null ? null : audio.header();
    Sample first = firstSound(movie);
    if (audio != null && first != null && sound != null) {
      audioHeader = SequenceHeaders.pinned(audio.tag(first, 0, sound, sound.readerIndex()));
    }
    long earliest = Long.MAX_VALUE;
    for (MovieTrack track : new MovieTrack[] {video, audio}) {
      if (track != null && track.count() > 0) {
        earliest = Math.min(earliest, track.timeMs(0));
      }
    }
    if (earliest == Long.MAX_VALUE) {
      return null;
    }
    long baseMs = Math.max(0, -earliest);
    Cut cut = new Cut(video, audio, baseMs, leastMs);
    return cut.segments.isEmpty() || cut.tooLarge
        ? null
        : new Mp4Film(movie, video == null ? null : video.header(), audioHeader, baseMs, cut);
  }

  /** Where segments begin, and of which samples they are. */
  private static final class Cut {
    private final List<VodSegments.Segment> segments = new ArrayList<>();
    private final List<Integer> videoFrom = new ArrayList<>();
    private final List<Integer> audioFrom = new ArrayList<>();
    private boolean tooLarge;

    Cut(@Nullable MovieTrack video, @Nullable MovieTrack audio, long baseMs, int leastMs) {
      MovieTrack lead = video != null && video.count() > 0 ? video : audio;
      if (lead == null) {
        return;
      }
      long endMs = 0;
      for (MovieTrack track : new MovieTrack[] {video, audio}) {
        endMs = track == null ? endMs : Math.max(endMs, baseMs + track.endMs());
      }
      int begin = lead.nextSync(0);
      while (begin < lead.count() && !tooLarge) {
        long startMs = baseMs + lead.timeMs(begin);
        int next = lead.nextSync(begin + 1);
        while (next < lead.count() && baseMs + lead.timeMs(next) - startMs < leastMs) {
          next = lead.nextSync(next + 1);
        }
        boolean last = next >= lead.count();
        long toMs = last ? Math.max(endMs, startMs + 1) : baseMs + lead.timeMs(next);
        int audioBegin =
            lead == audio
                ? begin
                : audio == null ? 0 : segments.isEmpty() ? 0 : audio.firstFrom(startMs - baseMs);
        int audioEnd =
            lead == audio
                ? Math.min(next, audio.count())
                : audio == null ? 0 : last ? audio.count() : audio.firstFrom(toMs - baseMs);
        int leadEnd = Math.min(next, lead.count());
        long frames = (lead == audio ? 0L : leadEnd - begin) + Math.max(0, audioEnd - audioBegin);
        if (frames > VodSegments.MAX_SEGMENT_FRAMES) {
          tooLarge = true;
          return;
        }
        long bytes = lead == audio ? 0 : sum(lead, begin, leadEnd);
        bytes += audio == null ? 0 : sum(audio, audioBegin, audioEnd);
        videoFrom.add(begin);
        audioFrom.add(audioBegin);
        segments.add(new VodSegments.Segment(segments.size(), startMs, toMs, 0, bytes));
        tooLarge =
            bytes > VodSegments.MAX_SEGMENT_BYTES || segments.size() > VodSegments.MAX_SEGMENTS;
        begin = next;
      }
      videoFrom.add(lead.count());
      audioFrom.add(audio == null ? 0 : audio.count());
    }

    private static long sum(MovieTrack track, int from, int to) {
      long[] sum = new long[1];
      track.forEach(from, to, sample -> sum[0] += sample.bytes());
      return sum[0];
    }
  }

  /** The segments; the positions in them tell only how many bytes each has. */
  public VodSegments segments() {
    return segments;
  }

  /** What it has in memory, about. */
  public long heldBytes() {
    return movie.heldBytes() + segments.heldBytes();
  }

  /** What a player must read first; null when no track can be in fragmented MP4. */
  public byte @Nullable [] init() {
    return InitSegment.of(videoHeader, audioHeader);
  }

  /** Why it cannot be had as MPEG-TS, as a sentence; null when it can. */
  public @Nullable String tsRefusal() {
    return TsSegment.refusal(videoHeader, audioHeader);
  }

  @Nullable FlvTag videoHeader() {
    return videoHeader;
  }

  @Nullable FlvTag audioHeader() {
    return audioHeader;
  }

  long baseMs() {
    return baseMs;
  }

  /** A track's samples of a segment. */
  List<Sample> samples(int segment, boolean video) {
    MovieTrack track = track(video);
    if (track == null || (video && movie.video() == null)) {
      return List.of();
    }
    int[] from = video ? videoFrom : audioFrom;
    List<Sample> found = new ArrayList<>();
    track.forEach(from[segment], from[segment + 1], found::add);
    return found;
  }

  @Nullable MovieTrack track(boolean video) {
    return video ? movie.video() : movie.audio();
  }
}
