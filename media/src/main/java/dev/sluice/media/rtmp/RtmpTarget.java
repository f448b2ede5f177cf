package dev.sluice.media.rtmp;

/**
 * What a client session asks for.
 *
 * @param app application, such as {@code live}
 * @param tcUrl URL of the application, such as {@code rtmp://origin:1935/live}
 * @param name stream name with its query string, such as {@code demo?key=secret}
 */
public record RtmpTarget(String app, String tcUrl, String name) {

  /** Names the stream without its query, which may hold a key. */
  @Override
  public String toString() {
    int query = name.indexOf('?');
    return tcUrl + "/" + (query < 0 ? name : name.substring(0, query));
  }
}
