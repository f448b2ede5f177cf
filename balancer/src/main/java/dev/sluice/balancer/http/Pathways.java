package dev.sluice.balancer.http;

import dev.sluice.chassis.config.PlainName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a player that asks for steering knows, as its URL says: the pathways of its playlist, and
 * how often it got a new token. Whatever else stands there is as good as nothing. Pure.
 *
 * <p>A pathway is the edge's id. A player takes a pathway's URL once and for all, so a new token
 * needs new pathways: {@code _2.eu-1} is {@code eu-1} with the second new token. No edge can be
 * called so.
 *
 * @param told ids of edges; the first is what clones are made of
 * @param renewals 0 when its token is the first
 */
record Pathways(List<String> told, int renewals) {
  private static final int MOST = 16;
  private static final int MOST_RENEWALS = 1_000_000;

  /** Copies the list. */
  Pathways {
    told = List.copyOf(told);
  }

  /** Reads the two parameters; null when absent. */
  static Pathways of(@Nullable String pathways, @Nullable String renewed) {
    List<String> told = new ArrayList<>();
    if (pathways != null) {
      for (String id : pathways.split(",", MOST + 1)) {
        if (PlainName.isValid(id) && !told.contains(id) && told.size() < MOST) {
          told.add(id);
        }
      }
    }
    boolean number = renewed != null && renewed.matches("[1-9][0-9]{0,5}");
    return new Pathways(told, number && renewed != null ? Integer.parseInt(renewed) : 0);
  }

  /** With one more new token. */
  Pathways renewed() {
    return new Pathways(told, renewals >= MOST_RENEWALS ? 1 : renewals + 1);
  }

  /** The pathway of an edge. */
  String id(String edge) {
    return renewals == 0 ? edge : "_" + renewals + "." + edge;
  }

  /** The edge of the pathway that a player names; empty if it cannot be one. */
  static String edge(@Nullable String pathway) {
    if (pathway == null) {
      return "";
    }
    int dot = pathway.startsWith("_") ? pathway.indexOf('.') : -1;
    String edge = pathway.substring(dot + 1);
    return PlainName.isValid(edge) ? edge : "";
  }

  /** Whether a player has the pathway of an edge from its playlist. */
  boolean has(String edge) {
    return renewals == 0 && told.contains(edge);
  }
}
