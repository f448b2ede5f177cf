package dev.sluice.media.vod;

import org.jspecify.annotations.Nullable;

/**
 * How a player asks for another playlist of a stored file than the whole in MP4: {@code
 * ?container=ts} for MPEG-TS, {@code ?from=SECONDS&to=SECONDS} for a clip. Servers ask each other
 * for the same by a name of its own, so that a cache that goes by names keeps it:
 *
 * <pre>
 * films/one.m3u8?container=ts                films/one.~ts.m3u8
 * films/one.m3u8?from=10&amp;to=20.5             films/one.~10000-20500.m3u8
 * films/one.m3u8?from=10&amp;container=ts        films/one.~10000-.ts.m3u8
 * </pre>
 *
 * <p>Pure; immutable.
 *
 * @param ts MPEG-TS rather than MP4
 * @param fromMs where the clip begins, counted from the begin of the whole; at or above 0
 * @param toMs where it ends; above {@code fromMs}; {@link #END} for the end of the file
 */
public record VodListQuery(boolean ts, long fromMs, long toMs) {
  /** {@link #toMs} of what is not cut at its end. */
  public static final long END = Long.MAX_VALUE;

  /** The whole in MP4. */
  public static final VodListQuery WHOLE = new VodListQuery(false, 0, END);

  private static final String LIST = ".m3u8";
  private static final String MARK = ".~";
  private static final String IN_TS = "ts";
  private static final String CLIP = "(0|[1-9][0-9]{0,12})-([1-9][0-9]{0,12})?";
  private static final String SECONDS = "[0-9]{1,9}(\\.[0-9]{1,9})?";

  /**
   * Reads the parameters of a request.
   *
   * @param path only one that ends in {@code .m3u8} is a playlist; of films there are no clips
   * @param container null when absent, as the others
   * @return {@link #WHOLE} when nothing else is wanted
   * @throws IllegalArgumentException with a sentence for the client
   */
  public static VodListQuery of(
      String path, @Nullable String container, @Nullable String from, @Nullable String to) {
    if (!path.endsWith(LIST)) {
      refuseCut(path, from, to);
      return WHOLE;
    }
    if (container != null && !container.equals(IN_TS) && !container.equals("mp4")) {
      throw new IllegalArgumentException(
          "container: " + container + " (expected: ts, or mp4, which is what comes without it)");
    }
    long fromMs = from == null ? 0 : millis("from", from);
    long toMs = to == null ? END : millis("to", to);
    if (toMs <= fromMs) {
      throw new IllegalArgumentException("to: " + to + " (expected: after from)");
    }
    return new VodListQuery(IN_TS.equals(container), fromMs, toMs);
  }

  /** A film is whole or a playlist: who asks for a clip of the file itself must not get it all. */
  private static void refuseCut(String path, @Nullable String from, @Nullable String to) {
    boolean film = path.endsWith(".mp4") || path.endsWith(".flv");
    boolean cut = (from != null && from.matches(SECONDS)) || (to != null && to.matches(SECONDS));
    if (film && cut) {
      throw new IllegalArgumentException(
          "from and to: a clip of a file is to be had over HLS (expected: "
              + path.substring(0, path.lastIndexOf('.') + 1)
              + "m3u8 with from and to)");
    }
  }

  private static long millis(String name, String value) {
    if (!value.matches(SECONDS)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: seconds such as 12.5)");
    }
    return Math.round(Double.parseDouble(value) * 1000);
  }

  /** Whether this is less than the whole. */
  public boolean clip() {
    return fromMs > 0 || toMs != END;
  }

  /** The name by which servers ask for it, of the path of the whole's playlist. */
  public String name(String path) {
    if (equals(WHOLE)) {
      return path;
    }
    String cut = clip() ? fromMs + "-" + (toMs == END ? "" : toMs) : "";
    String said = cut.isEmpty() ? IN_TS : ts ? cut + "." + IN_TS : cut;
    return path.substring(0, path.length() - LIST.length()) + MARK + said + LIST;
  }

  /**
   * What such a name says.
   *
   * @param stem of the name of a playlist, without {@code .m3u8}
   * @return null when it says nothing, so that it is the whole of another file
   */
  public static @Nullable VodListQuery read(String stem) {
    int mark = stem.lastIndexOf(MARK);
    String said = mark < 0 ? "" : stem.substring(mark + MARK.length());
    boolean ts = said.equals(IN_TS) || said.endsWith("." + IN_TS);
    String cut = ts ? said.substring(0, Math.max(0, said.length() - IN_TS.length() - 1)) : said;
    if (cut.isEmpty()) {
      return said.equals(IN_TS) ? new VodListQuery(true, 0, END) : null;
    }
    if (!cut.matches(CLIP)) {
      return null;
    }
    int dash = cut.indexOf('-');
    long from = Long.parseLong(cut.substring(0, dash));
    long to = dash + 1 == cut.length() ? END : Long.parseLong(cut.substring(dash + 1));
    return to > from && (from > 0 || to != END) ? new VodListQuery(ts, from, to) : null;
  }

  /** The stem of the whole, of a stem that {@link #read} understands. */
  public static String whole(String stem) {
    return stem.substring(0, stem.lastIndexOf(MARK));
  }
}
