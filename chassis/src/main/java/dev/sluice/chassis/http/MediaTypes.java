package dev.sluice.chassis.http;

import java.util.Locale;
import java.util.Map;

/** The media type of a file by its name's ending. */
public final class MediaTypes {
  private static final String UNKNOWN = "application/octet-stream";
  private static final Map<String, String> BY_ENDING =
      Map.ofEntries(
          Map.entry("flv", "video/x-flv"),
          Map.entry("mp4", "video/mp4"),
          Map.entry("m4v", "video/mp4"),
          Map.entry("m4s", "video/iso.segment"),
          Map.entry("m4a", "audio/mp4"),
          Map.entry("webm", "video/webm"),
          Map.entry("mkv", "video/x-matroska"),
          Map.entry("ts", "video/mp2t"),
          Map.entry("m3u8", "application/vnd.apple.mpegurl"),
          Map.entry("mpd", "application/dash+xml"),
          Map.entry("aac", "audio/aac"),
          Map.entry("mp3", "audio/mpeg"),
          Map.entry("vtt", "text/vtt"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("png", "image/png"),
          Map.entry("webp", "image/webp"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("xml", "application/xml"),
          Map.entry("wasm", "application/wasm"));

  private MediaTypes() {}

  /**
   * True if a browser that opens it shows or plays it and runs nothing: everything but documents,
   * scripts and all kinds of XML, which may hold scripts.
   */
  public static boolean isPassive(String type) {
    String bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return !bare.contains("xml")
        && (bare.startsWith("video/")
            || bare.startsWith("audio/")
            || bare.startsWith("image/")
            || bare.equals("text/plain")
            || bare.equals("text/vtt")
            || bare.equals("application/json")
            || bare.equals("application/problem+json")
            || bare.equals("application/vnd.apple.mpegurl")
            || bare.equals(UNKNOWN));
  }

  /** Never null; {@code application/octet-stream} for what is not known. */
  public static String of(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0
        ? UNKNOWN
        : BY_ENDING.getOrDefault(name.substring(dot + 1).toLowerCase(Locale.ROOT), UNKNOWN);
  }
}
