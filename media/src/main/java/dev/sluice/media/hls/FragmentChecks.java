package dev.sluice.media.hls;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds the bodies that servers of one stream gave against the rules, and against each other: the
 * same address is the same bytes everywhere. The other half of {@link PlaylistChecks}.
 *
 * <p>Threading: confined to its owner. Pure.
 */
public final class FragmentChecks {
  private static final int MOST_FAULTS = 50;

  /** What times are rounded to, and what a sample may be off its place on the audio grid. */
  private static final long TOLERANCE_MS = 60;

  /** More than this is a discontinuity. */
  private static final long RIGHTED_MS = 100;

  private final Map<String, byte[]> bodies = new HashMap<>();
  private final List<String> faults = new ArrayList<>();
  private @Nullable Long zeroMs;
  private int compared;

  /** What was found. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /** How often two servers gave the same. */
  public int compared() {
    return compared;
  }

  /** Addresses of which a body was seen. */
  public int bodies() {
    return bodies.size();
  }

  private void fault(String rule, String what) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(rule + ": " + what);
    }
  }

  /** Takes the body that a server gave for an address, as {@link HlsNames} writes it. */
  public void body(String name, String server, byte[] bytes) {
    byte[] before = bodies.putIfAbsent(name, bytes);
    if (before != null) {
      compared++;
      if (!Arrays.equals(before, bytes)) {
        fault(
            "the same everywhere",
            name + " of " + server + ": " + bytes.length + " bytes, not " + before.length);
      }
    }
  }

  /** Looks at what is listed, as far as its bodies are there. */
  public void look(MediaPlaylist list) {
    Map<Integer, Long> next = new HashMap<>();
    long config = -1;
    for (ListedSegment segment : list.segments()) {
      if (segment.discontinuous() || segment.config() != config) {
        next.clear();
      }
      config = segment.config();
      byte[] init = bodies.get(HlsNames.init(list.incarnation(), config));
      byte[] whole = bodies.get(HlsNames.segment(list.incarnation(), segment.msn()));
      parts(list, segment, whole);
      if (init == null || whole == null) {
        next.clear();
        continue;
      }
      try {
        segment(list, segment, FragmentFacts.tracks(init), whole, next);
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        fault("readable", segment.msn() + ": " + e.getMessage());
      }
    }
  }

  private void parts(MediaPlaylist list, ListedSegment segment, byte @Nullable [] whole) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    boolean all = segment.whole() && !segment.parts().isEmpty();
    for (int i = 0; i < segment.parts().size(); i++) {
      byte[] part = bodies.get(HlsNames.part(list.incarnation(), segment.msn(), i));
      all &= part != null;
      if (part != null) {
        joined.writeBytes(part);
      }
    }
    if (all && whole != null && !Arrays.equals(joined.toByteArray(), whole)) {
      fault("a segment is its parts", "segment " + segment.msn());
    }
  }

  private void segment(
      MediaPlaylist list,
      ListedSegment segment,
      Map<Integer, FragmentFacts.Track> tracks,
      byte[] whole,
      Map<Integer, Long> next) {
    List<List<FragmentFacts.Run>> fragments = FragmentFacts.fragments(whole);
    for (int i = 0; i < fragments.size(); i++) {
      String name = segment.msn() + "." + i;
      for (FragmentFacts.Run run : fragments.get(i)) {
        FragmentFacts.Track track = tracks.get(run.track());
        if (track == null) {
          fault("tracks are those of the map", name + " has track " + run.track());
          continue;
        }
        Long expected = next.put(run.track(), run.decodeTime() + run.duration());
        // Sound is put right where a segment begins, when its clock is not that of the pictures.
        long tolerance = i == 0 && !track.video() ? track.timescale() * RIGHTED_MS / 1000 : 0;
        if (expected != null && Math.abs(expected - run.decodeTime()) > tolerance) {
          fault(
              "times go on",
              name + " track " + run.track() + ": " + run.decodeTime() + ", not " + expected);
        }
        boolean listed = i < segment.parts().size();
        boolean independent = listed ? segment.parts().get(i).independent() : i == 0;
        boolean claimed = listed || list.independent();
        if (track.video() && claimed && independent && !run.sync()) {
          fault("what is independent begins with a keyframe", name);
        }
        if (i == 0) {
          dates(segment, track, run);
        }
      }
    }
    boolean known = segment.whole() && !segment.parts().isEmpty();
    if (known && fragments.size() != segment.parts().size()) {
      fault(
          "one fragment a part",
          segment.msn() + " has " + fragments.size() + ", and is listed as " + segment);
    }
  }

  /** Dates are the time in the media plus a constant, of all tracks. */
  private void dates(ListedSegment segment, FragmentFacts.Track track, FragmentFacts.Run run) {
    long mediaMs = run.decodeTime() * 1000 / track.timescale();
    long zero = segment.dateMs() - mediaMs;
    Long known = zeroMs;
    if (known == null) {
      if (track.video()) {
        zeroMs = zero;
      }
    } else if (Math.abs(zero - known) > (track.video() ? 1 : TOLERANCE_MS)) {
      fault(
          "dates are the media's",
          segment.msn() + " track " + run.track() + ": off by " + (zero - known) + " ms");
    }
  }
}
