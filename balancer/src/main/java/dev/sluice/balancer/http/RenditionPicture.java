package dev.sluice.balancer.http;

/**
 * One form in which a live stream can be had.
 *
 * @param name of the stream that it is, without its app
 */
record RenditionPicture(String name, StreamPicture picture) {
  /**
   * Names the variant in all pathways alike, by which a clone of a pathway gives its URI.
   *
   * @param of the name that was asked for
   */
  String stableId(String of) {
    return name.equals(of) ? MultivariantPlaylist.VARIANT : name.replace('~', '_');
  }
}
