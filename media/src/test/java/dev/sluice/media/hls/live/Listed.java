package dev.sluice.media.hls.live;

import dev.sluice.media.hls.HlsNames;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import java.util.ArrayList;
import java.util.List;

/** What a list names. */
final class Listed {
  private Listed() {}

  /** The addresses of all of its media, each after the initialization that it needs. */
  static List<String> names(MediaPlaylist list) {
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
