package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.hls.FragmentChecks;
import dev.sluice.media.hls.HlsNames;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistChecks;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A player that follows a list by blocking reloads, and holds it against the rules. */
final class HlsFollower {
  private static final int LATE = 503;
  private static final int MOST_LATE = 20;

  final String base;
  final PlaylistChecks checks = new PlaylistChecks();
  private final Web web;
  MediaPlaylist list;
  private int late;

  /**
   * Gets the list.
   *
   * @param base URL of what the list's addresses are relative to, with a slash at its end
   */
  HlsFollower(Web web, String base) throws IOException, InterruptedException {
    this.web = web;
    this.base = base;
    this.list = get("index.m3u8");
  }

  private MediaPlaylist get(String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = web.get(base + path, "");
    while (answer.statusCode() == LATE && ++late < MOST_LATE) {
      answer = web.get(base + path, ""); // nothing came in time: it is to come again
    }
    String text = new String(answer.body(), StandardCharsets.US_ASCII);
    assertThat(answer.statusCode()).as(text).isEqualTo(200);
    return Objects.requireNonNull(checks.playlist(text), checks.faults().toString());
  }

  /** How often nothing came in time. */
  int late() {
    return late;
  }

  void next() throws IOException, InterruptedException {
    list = get("index.m3u8?_HLS_msn=" + list.nextMsn() + "&_HLS_part=" + list.nextPart());
  }

  void until(long msn) throws IOException, InterruptedException {
    while (list.lastMsn() < msn) {
      next();
    }
  }

  /** Gets all that is listed. */
  void bodies(FragmentChecks into) throws IOException, InterruptedException {
    for (String name : names()) {
      HttpResponse<byte[]> answer = web.get(base + name, "");
      assertThat(answer.statusCode()).as(base + name).isEqualTo(200);
      into.body(name, base, answer.body());
    }
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    for (ListedSegment segment : list.segments()) {
      names.add(HlsNames.init(list.incarnation(), segment.config()));
      for (int i = 0; i < segment.parts().size(); i++) {
        names.add(HlsNames.part(list.incarnation(), segment.msn(), i));
      }
      if (segment.whole()) {
        names.add(HlsNames.segment(list.incarnation(), segment.msn()));
      }
    }
    return names;
  }
}
