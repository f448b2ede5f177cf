package dev.sluice.cluster;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;

/**
 * What a node tells of one live stream that it has, for those who give its address away.
 *
 * @param stream as {@code app/name}
 * @param bitsPerSecond received, over the last second or more; 0 when not known yet
 * @param codecs as RFC 6381 has them, parted by commas; empty when not known for certain
 * @param width of the picture, 0 when not known
 * @param height of the picture, 0 when not known
 * @param renditionOf the group that it is listed with, as {@code app/name}; empty when with none
 */
public record StreamReport(
    String stream,
    long bitsPerSecond,
    @JsonSetter(nulls = Nulls.AS_EMPTY) String codecs,
    @JsonSetter(nulls = Nulls.AS_EMPTY) int width,
    @JsonSetter(nulls = Nulls.AS_EMPTY) int height,
    @JsonSetter(nulls = Nulls.AS_EMPTY) String renditionOf) {
  /** Most of them in one heartbeat. */
  public static final int MOST = 1000;

  /** One that is listed with no group. */
  public StreamReport(String stream, long bitsPerSecond, String codecs, int width, int height) {
    this(stream, bitsPerSecond, codecs, width, height, "");
  }
}
