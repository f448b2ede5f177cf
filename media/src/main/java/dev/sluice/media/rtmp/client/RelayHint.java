package dev.sluice.media.rtmp.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one node of a fleet tells another when it connects, as a query on the tcUrl: {@code
 * via=us-2,us-1&standby=1}. Servers that are not ours do not look at it.
 *
 * <p>Pure.
 */
public final class RelayHint {
  /** Most nodes told; more are not needed to find a circle, only to find a long one at once. */
  public static final int MAX_NODES = 16;

  private static final String VIA = "via";
  private static final String STANDBY = "standby";
  private static final int MAX_ID_LENGTH = 64;

  private RelayHint() {}

  /**
   * The query.
   *
   * @param via nodes that the stream is for, the asking one last
   * @param standby whether the connection may stand for long before it asks for anything
   */
  public static String of(Collection<String> via, boolean standby) {
    List<String> ids = new ArrayList<>();
    for (String id : via) {
      ids.add(nodeName(id));
    }
    int from = Math.max(0, ids.size() - MAX_NODES);
    String list = ids.isEmpty() ? "" : VIA + "=" + String.join(",", ids.subList(from, ids.size()));
    return !standby ? list : list.isEmpty() ? STANDBY + "=1" : list + "&" + STANDBY + "=1";
  }

  /** The nodes told, or none. */
  public static List<String> via(Map<String, String> params) {
    List<String> ids = new ArrayList<>();
    for (String id : params.getOrDefault(VIA, "").split(",", MAX_NODES + 1)) {
      if (!id.isEmpty() && ids.size() < MAX_NODES) {
        ids.add(nodeName(id));
      }
    }
    return ids;
  }

  /** What is left when that is taken out which only nodes say to each other. */
  public static Map<String, String> without(Map<String, String> params) {
    Map<String, String> rest = new LinkedHashMap<>(params);
    rest.remove(VIA);
    rest.remove(STANDBY);
    return rest;
  }

  /** Whether the connection said that it may stand for long before it asks for anything. */
  public static boolean standby(Map<String, String> params) {
    return params.containsKey(STANDBY);
  }

  /** A node's id as it is told: short, and of characters that need no escape. */
  public static String nodeName(String id) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < id.length() && i < MAX_ID_LENGTH; i++) {
      char c = id.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '.';
      name.append(plain ? c : '_');
    }
    return name.toString();
  }
}
