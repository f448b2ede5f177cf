package dev.sluice.media.hls;

/**
 * What the playlist of another rendition lists at its end, so that a player who changes to it asks
 * for what comes next at once. Pure.
 *
 * @param name of the stream
 * @param lastMsn its last segment, whole or not
 * @param lastPart the last part of that
 */
public record RenditionReport(String name, long lastMsn, int lastPart) {
  /** What it says of a playlist. */
  public static RenditionReport of(String name, MediaPlaylist list) {
    return new RenditionReport(
        name, list.lastMsn(), Math.max(0, list.segments().getLast().parts().size() - 1));
  }

  /** Relative to the playlist of a rendition beside it. */
  String uri() {
    return "../" + name + "/index.m3u8";
  }
}
