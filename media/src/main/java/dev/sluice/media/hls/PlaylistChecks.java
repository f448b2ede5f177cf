package dev.sluice.media.hls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a server of HLS says against the rules that players go by: the playlists of one stream
 * in the order in which one player got them, and the bodies of what they list ({@link
 * FragmentChecks}). For tests and tools; what is found is collected, and nothing stops at it.
 *
 * <p>Rules by RFC 8216 and its second edition (bis), and by Apple's authoring specification.
 *
 * <p>Threading: confined to its owner. Pure.
 */
public final class PlaylistChecks {
  private static final int MOST_FAULTS = 50;
  private static final int FULL_PERCENT = 85;
  private static final List<String> CONSTANT =
      List.of(
          "#EXT-X-TARGETDURATION", "#EXT-X-SERVER-CONTROL", "#EXT-X-PART-INF", "#EXT-X-VERSION");

  private static final Pattern REPORT =
      Pattern.compile(
          "(?m)^#EXT-X-RENDITION-REPORT:URI=\"\\.\\./([^/\"]+)/index\\.m3u8\",LAST-MSN=(\\d{1,16}),"
              + "LAST-PART=(\\d{1,6})$");

  private final List<String> faults = new ArrayList<>();
  private final Map<String, String> constants = new HashMap<>();
  private final TreeMap<Long, ListedSegment> known = new TreeMap<>();
  private final Map<String, ListedPart> parts = new HashMap<>();
  private @Nullable MediaPlaylist last;
  private String lastText = "";
  private final Map<String, RenditionReport> reported = new HashMap<>();
  private int playlists;

  /** What was found, in the order in which it was. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /** Playlists looked at. */
  public int playlists() {
    return playlists;
  }

  private void fault(String rule, String what) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(rule + ": " + what);
    }
  }

  private void expect(boolean holds, String rule, String what) {
    if (!holds) {
      fault(rule, what);
    }
  }

  /**
   * Takes the next whole playlist.
   *
   * @return what it says; null when it cannot be read
   */
  public @Nullable MediaPlaylist playlist(String text) {
    playlists++;
    MediaPlaylist list;
    try {
      list = PlaylistReader.read(text);
    } catch (PlaylistException e) {
      fault("readable", String.valueOf(e.getMessage()));
      return null;
    }
    MediaPlaylist before = last;
    if (before != null && before.incarnation() != list.incarnation()) {
      beginAnew(before, list);
      before = null;
    }
    heads(text);
    targets(list);
    if (before != null) {
      follows(before, list);
    }
    long partsAfter = list.endMs() - 3000L * list.targetSeconds();
    ListedSegment previous = null;
    for (ListedSegment segment : list.segments()) {
      remembered(list, segment);
      lengths(list, segment);
      expect(
          segment.parts().isEmpty() || !segment.whole() || segment.endMs() > partsAfter,
          "parts are near the end",
          "segment " + segment.msn() + " has parts");
      if (previous != null) {
        neighbours(previous, segment);
      }
      previous = segment;
    }
    reports(text);
    last = list;
    lastText = text;
    return list;
  }

  private void reports(String text) {
    Matcher found = REPORT.matcher(text);
    long lines = text.lines().filter(line -> line.startsWith("#EXT-X-RENDITION-REPORT")).count();
    reported.clear();
    while (found.find()) {
      reported.put(
          found.group(1),
          new RenditionReport(
              found.group(1), Long.parseLong(found.group(2)), Integer.parseInt(found.group(3))));
    }
    expect(lines == reported.size(), "reports of renditions", lines + " lines, not one each");
  }

  /**
   * Takes the playlist of another rendition, got after the last one here, of which that one reports
   * what must be true of it.
   */
  public void sibling(String name, MediaPlaylist list) {
    RenditionReport report = reported.get(name);
    expect(report != null, "reports of renditions", "none of " + name);
    if (report != null) {
      expect(
          list.hasPart(report.lastMsn(), report.lastPart()),
          "reports of renditions",
          report + ", but it ends with " + list.lastMsn());
    }
  }

  private void beginAnew(MediaPlaylist before, MediaPlaylist list) {
    constants.clear();
    known.clear();
    parts.clear();
    ListedSegment first = list.segments().getFirst();
    expect(
        first.msn() > before.lastMsn(),
        "numbers never go back",
        "another run begins at " + first.msn() + " after " + before.lastMsn());
  }

  private void heads(String text) {
    for (String line : text.split("\n", -1)) {
      int colon = line.indexOf(':');
      String tag = colon < 0 ? line : line.substring(0, colon);
      if (CONSTANT.contains(tag)) {
        String before = constants.putIfAbsent(tag, line);
        expect(before == null || before.equals(line), "constant", before + " became " + line);
      }
    }
    for (String tag : CONSTANT) {
      expect(constants.containsKey(tag), "present", tag);
    }
    expect(text.contains("\n#EXT-X-DISCONTINUITY-SEQUENCE:"), "present", "discontinuity sequence");
    boolean ended = text.contains("\n#EXT-X-ENDLIST");
    boolean hints = text.contains("\n#EXT-X-PRELOAD-HINT:");
    expect(ended != hints, "a hint while live", "ended " + ended + ", hint " + hints);
  }

  private void targets(MediaPlaylist list) {
    String control = constants.getOrDefault("#EXT-X-SERVER-CONTROL", "");
    expect(control.contains("CAN-BLOCK-RELOAD=YES"), "blocks", control);
    expect(
        list.partHoldBackMs() >= 3 * list.partTargetMs()
            && control.contains("PART-HOLD-BACK=" + PlaylistWriter.seconds(list.partHoldBackMs())),
        "hold back three parts",
        control);
    expect(
        control.contains(",HOLD-BACK=" + PlaylistWriter.seconds(3 * list.targetSeconds() * 1000)),
        "hold back three segments",
        control);
    expect(
        control.contains(
            "CAN-SKIP-UNTIL=" + PlaylistWriter.seconds(6 * list.targetSeconds() * 1000)),
        "skip what is six segments old",
        control);
  }

  private void follows(MediaPlaylist before, MediaPlaylist list) {
    expect(
        list.firstMsn() >= before.firstMsn(),
        "numbers never go back",
        before.firstMsn() + " became " + list.firstMsn());
    expect(
        list.lastMsn() >= before.lastMsn(),
        "the end never goes back",
        before.lastMsn() + " became " + list.lastMsn());
    expect(
        list.firstMsn() <= before.lastMsn() + 1,
        "no gap between two lists",
        before.lastMsn() + " is followed by " + list.firstMsn());
    expect(before.independent() || !list.independent(), "constant", "independent segments");
    boolean hintKept =
        list.hasPart(before.nextMsn(), before.nextPart())
            || (list.nextMsn() == before.nextMsn() && list.nextPart() == before.nextPart())
            || list.ended()
            || breaksAfter(list, before.nextMsn());
    expect(
        hintKept,
        "what is hinted at comes",
        before.nextMsn()
            + "."
            + before.nextPart()
            + ", then "
            + list.nextMsn()
            + "."
            + list.nextPart());
  }

  private static boolean breaksAfter(MediaPlaylist list, long msn) {
    return list.nextMsn() > msn;
  }

  /** What was said of a segment and its parts stays true. */
  private void remembered(MediaPlaylist list, ListedSegment segment) {
    ListedSegment before = known.put(segment.msn(), segment);
    if (before != null) {
      boolean same =
          before.dateMs() == segment.dateMs()
              && before.discontinuity() == segment.discontinuity()
              && before.discontinuous() == segment.discontinuous()
              && before.config() == segment.config()
              && (!before.whole() || before.durationMs() == segment.durationMs());
      expect(same, "a segment stays what it is", before + " became " + segment);
    }
    for (int i = 0; i < segment.parts().size(); i++) {
      ListedPart part = segment.parts().get(i);
      String name = HlsNames.part(list.incarnation(), segment.msn(), i);
      ListedPart was = parts.putIfAbsent(name, part);
      expect(was == null || was.equals(part), "a part stays what it is", name + " " + part);
    }
  }

  private void lengths(MediaPlaylist list, ListedSegment segment) {
    if (segment.whole()) {
      expect(
          (segment.durationMs() + 500) / 1000 <= list.targetSeconds(),
          "a segment is at most the target",
          segment.msn() + ": " + segment.durationMs() + " ms of " + list.targetSeconds() + " s");
    }
    int sum = 0;
    int count = segment.parts().size();
    for (int i = 0; i < count; i++) {
      ListedPart part = segment.parts().get(i);
      sum += part.durationMs();
      String name = segment.msn() + "." + i + ": " + part.durationMs() + " ms";
      expect(part.durationMs() <= list.partTargetMs(), "a part is at most the target", name);
      boolean lastOne = i == count - 1;
      boolean beforeIndependent = !lastOne && segment.parts().get(i + 1).independent();
      boolean full = part.durationMs() * 100L >= (long) list.partTargetMs() * FULL_PERCENT;
      expect(
          full || part.independent() || lastOne || beforeIndependent,
          "a part is at least 85 % of the target",
          name);
    }
    if (segment.whole() && count > 0) {
      expect(
          sum == segment.durationMs(),
          "parts add up to the segment",
          segment.msn() + ": " + sum + " ms of " + segment.durationMs());
    }
    if (list.independent() && count > 0) {
      expect(
          segment.parts().getFirst().independent(),
          "segments are independent",
          "segment " + segment.msn() + " is not");
    }
  }

  private void neighbours(ListedSegment before, ListedSegment segment) {
    long risen = segment.discontinuity() - before.discontinuity();
    expect(
        risen == (segment.discontinuous() ? 1 : 0),
        "discontinuities are counted",
        segment.msn() + ": " + before.discontinuity() + " to " + segment.discontinuity());
    expect(
        before.config() == segment.config() || segment.discontinuous(),
        "the map changes at discontinuities only",
        "segment " + segment.msn());
    boolean joined = before.endMs() == segment.dateMs();
    expect(
        segment.discontinuous() ? segment.dateMs() >= before.endMs() : joined,
        "dates go on",
        segment.msn() + ": " + before.endMs() + " to " + segment.dateMs());
  }

  /**
   * Takes an update that was answered at the same state as the last playlist: with the list before
   * it, it must say the same.
   */
  public void update(String text) {
    int at = text.indexOf("#EXT-X-SKIP:SKIPPED-SEGMENTS=");
    MediaPlaylist list = last;
    if (at < 0 || list == null) {
      expect(text.equals(lastText), "an update says the same", "no skip, and another list");
      return;
    }
    int end = text.indexOf('\n', at);
    int skipped = Integer.parseInt(text.substring(text.indexOf('=', at) + 1, end));
    String head = text.substring(0, at);
    String rest = text.substring(end + 1);
    expect(lastText.startsWith(head), "an update says the same", "another head");
    expect(lastText.endsWith(rest), "an update says the same", "another end");
    long cut = lastText.length() - (long) rest.length();
    String left = lastText.substring(head.length(), (int) Math.max(head.length(), cut));
    long gone = left.lines().filter(line -> line.startsWith("#EXTINF:")).count();
    expect(gone == skipped, "an update says the same", skipped + " skipped, not " + gone);
    long boundary = list.endMs() - list.skipUntilMs();
    for (int i = 0; i < skipped && i < list.segments().size(); i++) {
      expect(
          list.segments().get(i).endMs() <= boundary,
          "only what is old is skipped",
          "segment " + list.segments().get(i).msn());
    }
  }
}
